"""Small files that are kept to save work the next time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def keep(path: Path, content: bytes) -> None:
    """Write `content` to `path` at once and whole; what cannot be kept is simply made again.

    Other processes see the old file or the new one. No error is raised if there is no room, no
    right to write, or no such place.
    """
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
