"""Reads package.json: what a JavaScript project asks for, and packages that are installed.

Format: npm CLI documentation v10, package.json.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.knowledge import Evidence, conventions
from duanban.inventory.npm_platform import Platform, platform_of_name
from duanban.inventory.npm_ties import NativeAddon, PlatformFamily, RequiredPlatform
from duanban.inventory.parse import Lines, as_table, as_text, load_json
from duanban.inventory.purls import npm_purl
from duanban.model import Component, ComponentState, DependencyKind

_INSTALLED = re.compile(r"(?:^|/)node_modules/(?:@[^/]+/)?[^/@]+/package\.json\Z")
_IN_MODULES = re.compile(r"(?:^|/)node_modules/")
_DEPENDENCIES = {
    "dependencies": DependencyKind.REQUIRED,
    "devDependencies": DependencyKind.DEVELOPMENT,
    "optionalDependencies": DependencyKind.OPTIONAL,
    "peerDependencies": DependencyKind.REQUIRED,
}
LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock"})
"""Beside one of these, the lock says what the project asks for, with versions."""
_EXACT = re.compile(r"v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)\Z")
_INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")


class NpmManifestReader:
    """Reads the project's own package.json files, and those of installed packages."""

    def recognises(self, path: str) -> bool:
        """Return whether it is the manifest of a project or of an installed package."""
        return not _IN_MODULES.search(path) or bool(_INSTALLED.search(path))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the installed package, or what the project asks for and its own ties."""
        data = manifest.read()
        document = load_json(data)
        name, version = as_text(document.get("name")), as_text(document.get("version"))
        purl = npm_purl(name, version) if name else ""
        if _INSTALLED.search(manifest.path):
            if not name:
                return Inventory()
            return Inventory((Component(purl, ComponentState.INSTALLED, path=manifest.path),))
        title = f"{name} {version}".strip() or manifest.path
        edges = Edges(manifest.path)
        components = tuple(_declared(document, manifest.path, edges))
        ties = _ties(document, data, siblings, (title, purl, manifest.path))
        locked = not LOCKS.isdisjoint(siblings)
        return Inventory(components, tuple(ties), dependencies=() if locked else edges.all())


def _declared(document: Mapping[str, Any], path: str, edges: Edges) -> Iterator[Component]:
    for field, kind in _DEPENDENCIES.items():
        for name, wanted in as_table(document.get(field)).items():
            exact = _EXACT.match(as_text(wanted))
            if name := as_text(name):
                purl = npm_purl(name, exact[1] if exact else "")
                edges.add(SYSTEM, purl, kind)
                yield Component(purl, ComponentState.DECLARED, path=path)


def _ties(
    document: Mapping[str, Any],
    data: bytes,
    siblings: Sequence[str],
    about: tuple[str, str, str],
) -> Iterator[Tie]:
    title, purl, path = about
    platform = Platform.of(document)
    if platform:
        key = "cpu" if platform.cpu else "os" if platform.os else "libc"
        evidence = Evidence(path, Lines(data).find(f'"{key}"'), purl)
        yield RequiredPlatform(evidence, title, platform)
    parts = tuple(_parts_by_name(document))
    if any(part.for_linux for part in parts):
        evidence = Evidence(path, Lines(data).find('"optionalDependencies"'), purl)
        yield PlatformFamily(evidence, title, platform, parts)
    signs = tuple(_native_signs(document, siblings))
    if signs:
        evidence = Evidence(path, Lines(data).find('"scripts"'), purl)
        yield NativeAddon(evidence, title, signs, platform)


def _parts_by_name(document: Mapping[str, Any]) -> Iterator[Platform]:
    """Yield the platforms of the package's own parts: optional packages that are named after it.

    Projects list parts of other packages as well, to make npm install them; those say nothing.
    """
    own = as_text(document.get("name")).rpartition("/")[2]
    for key in as_table(document.get("optionalDependencies")):
        name = as_text(key)
        if own and own in name and (platform := platform_of_name(name)) is not None:
            yield platform


def _native_signs(document: Mapping[str, Any], siblings: Sequence[str]) -> Iterator[str]:
    """Yield what shows that installing the package compiles or fetches native code."""
    helpers = conventions().npm_native_helpers
    scripts = as_table(document.get("scripts"))
    for name in _INSTALL_SCRIPTS:
        used = sorted(helpers & set(re.split(r"[\s;&|]+", as_text(scripts.get(name)))))
        if used:
            yield f"{name}: {', '.join(used)}"
    if document.get("gypfile") is True or "binding.gyp" in siblings:
        yield "binding.gyp"
    if as_text(as_table(document.get("binary")).get("host")):
        yield "binary.host"
