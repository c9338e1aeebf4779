"""Reads what compilers and distributions write into ELF files about the parts inside them.

Formats: Go's runtime/debug.BuildInfo (section `.go.buildinfo`, from Go 1.18 on), cargo-auditable's
README (`.dep-v0`, JSON packed with zlib), and "Package Metadata for Executable Files" of
uapi-group.org (`.note.package`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from duanban.binaries.interface import Payload
from duanban.binaries.sections import read_sections
from duanban.inventory.cargo import cargo_purl
from duanban.inventory.edges import Edges
from duanban.inventory.go_mod import go_purl
from duanban.inventory.interface import Inventory
from duanban.inventory.parse import DamagedError, as_list, as_table, as_text, load_json
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState, Dependency

_GO, _CARGO, _NOTE = ".go.buildinfo", ".dep-v0", ".note.package"
_GO_MAGIC = b"\xff Go buildinf:"
_GO_INLINE = 2
"""The flag that says that the texts follow, rather than pointers to them."""
_GO_TEXTS = 32
_LARGEST_JSON = 8 << 20
_WITH_CODE = frozenset({"executable", "shared", "node-addon", "python-extension"})


def embedded_parts(root: Path, native: Sequence[Payload]) -> Inventory:
    """Return the parts that the ELF files among `native` say they are made of."""
    components: list[Component] = []
    dependencies: list[Dependency] = []
    base = root if root.is_dir() else root.parent
    for one in native:
        if one.format != "elf" or one.kind not in _WITH_CODE or "!/" in one.path:
            continue
        try:
            sections = read_sections(base / one.path, (_GO, _CARGO, _NOTE))
        except OSError:
            continue
        edges = Edges(one.path)
        components.extend(_go(sections.get(_GO, b""), one, edges))
        components.extend(_cargo(sections.get(_CARGO, b""), one, edges))
        components.extend(_note(sections.get(_NOTE, b""), one))
        dependencies.extend(edges.all())
    return Inventory(tuple(components), dependencies=tuple(dependencies))


def _part(purl: str, one: Payload) -> Component:
    return Component(purl, ComponentState.EMBEDDED, (one.machine,), one.path)


def _go(data: bytes, one: Payload, edges: Edges) -> Iterable[Component]:
    """Yield Go's library, the main module and those it was built from."""
    if not data.startswith(_GO_MAGIC) or len(data) < _GO_TEXTS or not data[15] & _GO_INLINE:
        return
    version, rest = _counted(data[_GO_TEXTS:])
    text, _ = _counted(rest)
    lines = text[16:-16].decode("utf-8", "replace").split("\n")  # between two marks
    modules = [line.split("\t") for line in lines]
    own = ""
    found: list[str] = []
    for fields in modules:
        kind, *values = map(as_text, fields)
        if kind == "mod" and values:
            own = go_purl(values[0], _released(values[1:2]))
            found.append(own)
        elif kind == "dep" and values:
            found.append(go_purl(values[0], _released(values[1:2])))
        elif kind == "=>" and len(values) > 1 and found:
            found[-1] = go_purl(values[0], _released(values[1:2]))
    released = version.decode("ascii", "replace").removeprefix("go").partition(" ")[0]
    if released[:1].isdigit():
        found.append(make_purl("golang", "stdlib", released))
    for purl in dict.fromkeys(found):
        if own:
            edges.add(own, purl)
        yield _part(purl, one)


def _released(values: Sequence[str]) -> str:
    """Return a version; `(devel)`, of what was built in its own tree, is none."""
    return "".join(value for value in values if not value.startswith("("))


def _counted(data: bytes) -> tuple[bytes, bytes]:
    """Return the bytes whose number stands before them, of variable length, and the rest."""
    size = shift = 0
    for place, byte in enumerate(data[:5]):
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            end = place + 1 + size
            return (data[place + 1 : end], data[end:]) if end <= len(data) else (b"", b"")
    return b"", b""


def _cargo(data: bytes, one: Payload, edges: Edges) -> Iterable[Component]:
    if not data:
        return
    try:
        document = load_json(zlib.decompressobj().decompress(data, _LARGEST_JSON))
    except (zlib.error, DamagedError):
        return
    packages = [as_table(item) for item in as_list(document.get("packages"))]
    purls = [_crate(package) for package in packages]
    for package, purl in zip(packages, purls, strict=True):
        if not purl:
            continue
        for index in as_list(package.get("dependencies")):
            if isinstance(index, int) and 0 <= index < len(purls) and purls[index]:
                edges.add(purl, purls[index])
        yield _part(purl, one)


def _crate(package: Any) -> str:  # noqa: ANN401 - a table out of JSON
    """Return the purl of a crate; empty for those that only the build used."""
    name = as_text(package.get("name"))
    if not name or package.get("kind") == "build":
        return ""
    return cargo_purl(name, as_text(package.get("version")))


def _note(data: bytes, one: Payload) -> Iterable[Component]:
    """Yield the distribution's package that the file came in."""
    start, end = data.find(b"{"), data.rfind(b"}")
    if start < 0 or end < start:
        return
    try:
        about = load_json(data[start : end + 1])
    except DamagedError:
        return
    kind, name, version, system, architecture = (
        as_text(about.get(key)) for key in ("type", "name", "version", "os", "architecture")
    )
    if kind in ("rpm", "deb", "alpm", "apk") and name:
        purl = make_purl(kind, name.lower(), version, system.lower(), arch=architecture)
        yield Component(purl, ComponentState.INSTALLED, (one.machine,), one.path)
