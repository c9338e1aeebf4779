"""What is asked of a proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from duanban.proof.interface import ProofError
from duanban.proof.sandbox import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """How to prove; a replay takes the same."""

    tools: str = ""
    """`debian`: Debian's own compilers, emulator and build tools; or a directory like the root of a
    system; empty takes this system's."""
    compiler: str = ""
    """`gcc` or `zig`; empty takes the first that there is."""
    build_system: str = ""
    """Empty takes what the tree shows."""
    directory: str = ""
    """Where its files stand, relative to the root; empty looks for it."""
    configure: tuple[str, ...] = ()
    """Options of the configure step (for Make, of every call)."""
    packages: tuple[str, ...] = ()
    """Debian packages with headers, libraries, Python modules or (with `tools`) programs."""
    test: str = ""
    """A command that tests, in the shell, instead of the build system's own."""
    run: str = ""
    """A command for the shell whose output has to be the same on both machines."""

    def as_mapping(self) -> Mapping[str, object]:
        """Return what differs from the defaults, by name."""
        every = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in every.items() if value}

    @classmethod
    def of(cls, mapping: Mapping[str, object]) -> Options:
        """Return the options that `as_mapping` gave.

        Raises:
            ProofError: there is another option among them.
        """
        try:
            return msgspec.convert(mapping, cls)
        except msgspec.ValidationError as error:
            raise ProofError(f"the proof's options cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class Means:
    """What a proof may use; its outcome should not depend on it."""

    jobs: int = 2
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    offline: bool = False
    """Do not look up what a build did not find."""
    keep: Path | None = None
    """Directory to leave trees, builds and logs in."""
    fresh: bool = False
    """Work it out again even if it is stored."""
