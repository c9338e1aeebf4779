"""Patches: what they touch, and applying them as `git apply` does, in the sandbox."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from duanban.proof.interface import ProofError
from duanban.proof.sandbox import Job, Limits, Ran, Sandbox

_NEW = re.compile(r'^\+\+\+ (?:"b/(?P<quoted>[^"\n]+)"|b/(?P<plain>[^\t\n\r]+))', re.MULTILINE)
_LIMITS = Limits(seconds=120)


def touched(patch: str) -> tuple[str, ...]:
    """Return the files that `patch` leaves changed or new, in its order."""
    found = (match["plain"] or match["quoted"] for match in _NEW.finditer(patch))
    return tuple(dict.fromkeys(found))


def apply_patch(sandbox: Sandbox, tree: Path, patch: str) -> Ran:
    """Apply `patch` to `tree`, all of it or nothing.

    Raises:
        ProofError: git is not installed.
    """
    if shutil.which("git") is None:
        raise ProofError("applying a patch needs git, which is not installed")
    beside = tree.parent / "patch"
    beside.mkdir(exist_ok=True)
    file = beside / "answer.patch"
    file.write_text(patch, "utf-8", errors="surrogateescape", newline="")
    environment = {
        "GIT_CEILING_DIRECTORIES": str(tree.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    command = ("git", "apply", "--verbose", "--whitespace=nowarn", str(file))
    return sandbox.run(Job(command, tree, (tree,), (beside,), environment), _LIMITS)
