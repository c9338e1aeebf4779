"""Copies of Debian's indexes: `Packages` per architecture and `Sources`, by the user's own apt."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from duanban.depend.control import read_stanzas
from duanban.depend.explain import Explainer
from duanban.depend.pause import no_garbage_collection
from duanban.depend.source import SOURCE_FIELDS, is_superseded
from duanban.depend.store import load
from duanban.depend.version import version_key
from duanban.indexes.distribution import Distribution
from duanban.indexes.interface import Copy, Fetched, Progress, Request
from duanban.indexes.rows import open_distribution
from duanban.indexes.store import verified
from duanban.indexes.tables import Held, Row, SourceRow, Writer
from duanban.locate.apt_sources import private_options
from duanban.locate.client import Watched, run
from duanban.model import Blocker
from duanban.model.errors import FetchError, UsageError
from duanban.staves.analyse import analyse, reference_architecture
from duanban.staves.interface import Indexes, Item, ItemKind, StavesReport
from duanban.staves.options import bits
from duanban.staves.side import Side, make_side

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
"""Of Debian's package debian-archive-keyring; without it apt's own trusted keys count."""
_PACKED = frozenset({".lz4", ".xz", ".gz", ".zst", ".bz2"})
_KINDS = {ItemKind.SOURCE: "source", ItemKind.BUILD: "build", ItemKind.BINARY: "binary"}


class Debian:
    """Indexes of an apt archive."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Take the files that the user names, else let the user's apt fetch its own."""
        if request.given:
            return _take(request.given, directory)
        if "suite" not in request.known.settings:
            raise UsageError(f"{request.name}: {request.known.how}")
        return _by_apt(request, directory, progress)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Distribution:
        """Open a copy; the first time, all its packages are checked and what is short traced."""
        return open_distribution(
            copy,
            directory,
            derived,
            "deb",
            lambda writer: _derive(copy, directory, writer, progress),
        )


def _by_apt(request: Request, directory: Path, progress: Progress) -> Fetched:
    settings = {**request.known.settings, **request.settings}
    architectures = settings["architectures"].split()
    with tempfile.TemporaryDirectory(prefix="duanban-apt-") as name:
        work = Path(name)
        watched = Watched(f"index {request.name}", progress, work)
        archive = settings.get("mirror") or _archive(watched)
        keyring = settings.get("keyring") or (_KEYRING if Path(_KEYRING).is_file() else "")
        signed = f" signed-by={keyring}" if keyring else ""
        rest = f"{archive} {settings['suite']} {settings['components']}\n"
        (work / "sources.list").write_text(
            f"deb [arch={','.join(architectures)}{signed}] {rest}"
            f"deb-src [lang=none{signed}] {rest}",
            "utf-8",
        )
        more = {"APT::Architectures": ",".join(architectures), "Acquire::PDiffs": "false"}
        run(["apt-get", *private_options(work, more), "-q", "update"], watched)
        files = []
        for place in sorted((work / "lists").iterdir()):
            if role := _role(place.name):
                packed = place.suffix if place.suffix in _PACKED else ""
                target = role.replace(" ", "-") + packed
                shutil.move(place, directory / target)
                files.append((target, role))
        dated = max((_release_date(p) for p in (work / "lists").glob("*Release")), default="")
    missing = {f"packages {arch}" for arch in architectures} - {role for _, role in files}
    if missing:
        raise FetchError(f"index {request.name}: apt-get fetched no {', '.join(sorted(missing))}")
    return Fetched(tuple(files), dated)


def _archive(watched: Watched) -> str:
    """Return the address of the Debian archive that the user's apt has in use."""
    form = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)"
    output = run(["apt-get", "indextargets", "--format", form], watched).decode("utf-8", "replace")
    for line in sorted(output.splitlines()):
        origin, codename, address = line.split("|", 2)
        if origin == "Debian" and "-" not in codename:
            return address
    raise FetchError(
        "apt knows no Debian archive; name one with --mirror, or give the files themselves"
    )


def _role(name: str) -> str:
    found = re.search(r"_binary-([a-z0-9-]+)_Packages|_source_(Sources)", name)
    if found is None:
        return ""
    return f"packages {found[1]}" if found[1] else "sources"


def _release_date(path: Path) -> str:
    found = re.search(r"^Date: (.*)$", path.read_text("utf-8", "replace"), re.MULTILINE)
    try:
        return parsedate_to_datetime(found[1]).astimezone(UTC).date().isoformat() if found else ""
    except ValueError:
        return ""


def _take(given: Sequence[str], directory: Path) -> Fetched:
    """Copy the files that the user names; what each holds is seen from its content."""
    files: dict[str, str] = {}
    for text in given:
        path = Path(text)
        stanza = next(read_stanzas(path, (b"Filename", b"Directory", b"Architecture")))
        role = "sources"
        if b"Directory" not in stanza:
            role = f"packages {reference_architecture(path).decode('ascii', 'replace')}"
        name = role.replace(" ", "-") + (path.suffix if path.suffix in _PACKED else "")
        if role in files.values():
            raise UsageError(f"{text}: a second file of {role}; give one of each")
        shutil.copyfile(path, directory / name)
        files[name] = role
    return Fetched(tuple(files.items()))


def _derive(copy: Copy, directory: Path, writer: Writer, progress: Progress) -> None:
    """Check all packages of a copy and write what was found as tables."""
    places = {one.role: verified(copy, directory, one) for one in copy.files}
    sources = places.pop("sources", None)
    reference = places.get(f"packages {copy.settings.get('reference', '')}")
    with no_garbage_collection():
        stanzas = list(read_stanzas(sources, SOURCE_FIELDS)) if sources else []
        writer.sources(_source_rows(stanzas))
        for role, path in sorted(places.items()):
            arch = role.partition(" ")[2]
            progress(f"checking the packages of {copy.name} for {arch}", 0, 0)
            side = make_side(load(path, arch.encode()), stanzas)
            reasons = _write_side(writer, arch, side)
            if sources and reference and path != reference:
                progress(f"finding what {copy.name} lacks for {arch}", 0, 0)
                report = analyse(Indexes(reference, path, sources, arch), 0)
                writer.held(_held(arch, report, reasons))


def _source_rows(stanzas: Sequence[dict[bytes, bytes]]) -> Iterator[SourceRow]:
    newest: dict[bytes, dict[bytes, bytes]] = {}
    for stanza in stanzas:
        name, version = stanza.get(b"Package"), stanza.get(b"Version")
        if not name or not version or is_superseded(stanza):
            continue
        known = newest.get(name)
        if known is None or version_key(known[b"Version"]) < version_key(version):
            newest[name] = stanza
    for name, stanza in newest.items():
        listed = " ".join(_text(stanza.get(b"Architecture", b"")).split())
        yield SourceRow(_text(name), _text(stanza[b"Version"]), listed)


def _write_side(writer: Writer, arch: str, side: Side) -> dict[str, str]:
    """Write the packages of one architecture; return the sources that cannot be built, and why."""
    universe = side.universe
    names = [_text(name) for name in universe.names[: universe.binaries]]
    explainer = Explainer(universe, side.outcome)
    broken = {index: explainer.why(index) for index in side.outcome.broken}
    order = sorted(range(universe.binaries), key=lambda i: version_key(universe.versions[i]))
    writer.packages(
        Row(
            arch,
            names[index],
            _text(universe.versions[index]),
            _text(side.origin(index).name),
            broken.get(index, ""),
            bool(universe.independent[index]),
        )
        for index in order
    )
    writer.provided(
        arch,
        (
            (_text(virtual), names[index])
            for virtual, providers in universe.provided.items()
            for index, _ in providers
        ),
    )
    unbuildable = {
        _text(universe.names[index]): reason
        for index, reason in broken.items()
        if index >= universe.binaries
    }
    writer.held(Held(arch, "build", name, reason, ()) for name, reason in unbuildable.items())
    return unbuildable


def _held(arch: str, report: StavesReport, reasons: Mapping[str, str]) -> Iterator[Held]:
    blockers = [Blocker(root.name, root.cause) for root in report.roots]
    for item in report.items:
        reason = "" if item.kind is ItemKind.BINARY else reasons.get(item.name, "")
        yield Held(arch, _KINDS[item.kind], item.name, reason, _ways(item, blockers))


def _ways(item: Item, blockers: Sequence[Blocker]) -> tuple[tuple[Blocker, ...], ...]:
    options = item.options[:8]  # the smallest come first; what holds back is in every one
    return tuple(tuple(blockers[number] for number in bits(option)) for option in options)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
