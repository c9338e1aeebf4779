"""Reads Gemfile.lock: the gems that Bundler has locked.

Format: Bundler's LockfileParser; gems with a platform (`nokogiri (1.16.0-x86_64-linux-gnu)`) carry
native code for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.native import machine_of_word
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState

_SPEC = re.compile(r"^    (?P<name>[\w.-]+) \((?P<version>[^)\s-]+)(?:-(?P<platform>[^)\s]+))?\)$")
_NEED = re.compile(r"^      (?P<name>[\w.-]+)(?: \([^)]*\))?$")
_ASKED = re.compile(r"^  (?P<name>[\w.-]+)!?(?: \([^)]*\))?!?$")
_OWN = "PATH"


class GemfileLockReader:
    """Reads Bundler's lock file."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked gems, those of several platforms once."""
        section, purl = "", ""
        machines: dict[str, set[str]] = {}
        edges = Edges(manifest.path)
        for line in manifest.read().decode("utf-8", "replace").splitlines():
            if line and not line.startswith(" "):
                section, purl = line.strip(), ""
            elif section == "DEPENDENCIES" and (match := _ASKED.match(line)):
                edges.add(SYSTEM, make_purl("gem", match["name"]))
            elif match := _SPEC.match(line):
                purl = "" if section == _OWN else make_purl("gem", match["name"], match["version"])
                if purl:
                    machine = machine_of_word(match["platform"] or "")
                    machines.setdefault(purl, set()).update([machine] if machine else [])
            elif section != "DEPENDENCIES" and (match := _NEED.match(line)):
                edges.add(purl or SYSTEM, make_purl("gem", match["name"]))
        return Inventory(
            tuple(
                Component(one, ComponentState.LOCKED, tuple(sorted(found)), manifest.path)
                for one, found in machines.items()
            ),
            dependencies=edges.all(),
        )
