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
    source: str = ""
    """The purl of the source package that it was built from, where its record names one."""


class DependencyKind(StrEnum):
    """How much one part asks for another."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    """It works without: an optional dependency, a recommendation, an extra, a part per platform."""
    DEVELOPMENT = "development"
    """Only those who build or test it need the other."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """What one part asks for, as far as it is in the inventory."""

    dependent: str
    """The purl of the part that asks; empty where the system itself does, by the file at `path`."""
    requires: tuple[str, ...]
    """The purls of the parts that it asks for, sorted."""
    kind: DependencyKind = DependencyKind.REQUIRED
    path: str = ""
    """The file that says so, relative to the root, with `/`."""
