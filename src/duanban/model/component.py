"""Parts that a system is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ComponentState(StrEnum):
    """How sure it is that the part is really there."""

    DECLARED = "declared"
    """A manifest asks for it (requirements.txt, package.json)."""
    LOCKED = "locked"
    """A lock file pins it; it need not be installed."""
    INSTALLED = "installed"
    """A package database or installation record says it is there."""
    EMBEDDED = "embedded"
    """Its bytes are in the tree (a shared object, a .node file, a vendored copy)."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part with its package URL and the machines that its native payloads are for."""

    purl: str
    """Package URL in canonical form (https://github.com/package-url/purl-spec)."""
    state: ComponentState
    architectures: tuple[str, ...] = ()
    """GNU machine names of its native payloads, sorted (`x86_64`, ...); empty: none known."""
    path: str = ""
    """Where it was read, relative to the root, with `/`."""
