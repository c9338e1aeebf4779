"""Wheels that stand in the tree, and the tags of wheels that were unpacked into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.inventory.parse import NO_ARCHIVE, ZIP, DamagedError
from duanban.inventory.purls import pypi_name, pypi_purl
from duanban.inventory.wheel_tags import fits, machines_of, parse_platform, platform_tags
from duanban.model import Component, ComponentState, Finding, UnknownFact
from duanban.targets.interface import Target


def linux_machines(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the machines that platform tags name for Linux, sorted."""
    machines = {parse_platform(tag).machine for tag in tags}
    return tuple(sorted(machines - {""}))


class WheelFileReader:
    """Reads the name of a wheel; its content is looked at where native code is looked for.

    A name alone is no wheel: what is no zip file is damaged.
    """

    def recognises(self, path: str) -> bool:
        """Return whether the name is built like a wheel's."""
        return bool(platform_tags(path.rpartition("/")[2]))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the wheel, and a tie if it is for certain machines only."""
        if not manifest.start().startswith(ZIP):
            raise DamagedError(NO_ARCHIVE)
        name = manifest.path.rpartition("/")[2]
        project, _, rest = name.partition("-")
        version = rest.partition("-")[0]
        tags = platform_tags(name)
        purl = pypi_purl(project, version)
        component = Component(purl, ComponentState.EMBEDDED, linux_machines(tags), manifest.path)
        same = pypi_name(project), version
        others = [tag for one in siblings if _release(one) == same for tag in platform_tags(one)]
        tie = WheelTags(Evidence(manifest.path, component=purl), project, tags, tuple(others))
        return Inventory((component,), (tie,))


def _release(file_name: str) -> tuple[str, str]:
    project, _, rest = file_name.partition("-")
    return pypi_name(project), rest.partition("-")[0]


@dataclass(frozen=True, slots=True)
class WheelTags:
    """A wheel, and wheels of the same release that stand beside it."""

    evidence: Evidence
    name: str
    tags: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if neither the wheel nor one beside it fits the target."""
        if any(fits(tag, target) for tag in (*self.tags, *self.beside)):
            return None
        return make_finding(
            "library.python.wheel-file",
            target,
            self.evidence,
            match=self.name,
            detail=listed(machines_of(self.tags)),
        )
