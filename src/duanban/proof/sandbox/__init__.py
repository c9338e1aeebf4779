"""Where foreign code runs: without network, with a read-only system, within limits."""

from __future__ import annotations

import shutil
from pathlib import Path

from duanban.proof.interface import SandboxError
from duanban.proof.sandbox.bare import Bare
from duanban.proof.sandbox.bubblewrap import Bubblewrap
from duanban.proof.sandbox.interface import Job, Limits, Ran, Sandbox

__all__ = ["Job", "Limits", "Ran", "Sandbox", "find_sandbox"]


def find_sandbox(*, allow_none: bool, root: Path | None = None) -> Sandbox:
    """Return the sandbox that this machine has.

    Args:
        allow_none: take none if bubblewrap is missing or does not work here.
        root: a directory like `/` whose programs jobs are to have, not this system's.

    Raises:
        SandboxError: there is none, and none is not allowed.
    """
    if allow_none:
        return Bare()
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError(
            "proving runs foreign code, and bubblewrap, which would confine it, is not installed; "
            "install it, or run it all the same with --no-sandbox"
        )
    sandbox = Bubblewrap(program, root)
    reason = sandbox.hindrance()
    if reason:
        raise SandboxError(
            f"bubblewrap does not work on this machine ({reason}); to run foreign code without "
            "a sandbox all the same: --no-sandbox"
        )
    return sandbox
