#!/usr/bin/env python3
"""Bring the trees of the packages that the benchmark's CSV files name.

    benchmarks/judgement/fetch.py --work DIR --split FILE... [--repositories CLONES]

Debian's source packages are fetched and unpacked. A row with `repository` and `commit` is taken out of
the clone in CLONES (OWNER+NAME or OWNER+NAME/repo, bare or not). Writes DIR/trees/PACKAGE (upstream's source without Debian's patches: what `duanban check` is run
on), DIR/patches/PACKAGE (Debian's patches: what porters changed) and DIR/fetched.json: a row for
each package, with the reason where there is no tree. Run it again and it takes up where it was.
Nothing of a package is ever executed. Packages of the held-back half are refused.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from apt_sources import Apt, AptError, Candidate, SourceFile, run
from clones import CloneError
from clones import bring as bring_commit
from sample import HeldBackError, read_rows, refuse_held_back

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one package."""

    package: str
    wanted: str = ""
    """The version that the CSV names, if it names one."""
    version: str = ""
    suite: str = ""
    state: str = "failed"
    """`ready` or `failed`."""
    reason: str = ""
    """Why it failed, or what was tried before and what is missing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the files want of a package."""

    version: str = ""
    patched: bool = False
    """A file names patches of it: without Debian's part the package is of little use."""
    repository: str = ""
    """OWNER/NAME of what is not a package of Debian's."""
    commit: str = ""


def wishes(splits: Iterable[Path]) -> dict[str, Wish]:
    """Return every package that the files name, with what is wanted of it.

    Raises:
        HeldBackError: a package of the held-back half is named.
    """
    found: dict[str, Wish] = {}
    for path in splits:
        for row in read_rows(path):
            before = found.get(row["package"], Wish())
            version = row.get("version", "") or before.version
            found[row["package"]] = Wish(
                version,
                before.patched or "patch" in row,
                row.get("repository", "") or before.repository,
                row.get("commit", "") or before.commit,
            )
    refuse_held_back(found)
    return dict(sorted(found.items()))


def order(candidates: list[Candidate], wanted: str) -> list[Candidate]:
    """Return the candidates, the wanted version first, then as they were."""
    return sorted(candidates, key=lambda one: one.version != wanted)


def fetch(apt: Apt, work: Path, package: str, wish: Wish, limit: int) -> Fetched:
    """Bring one package; every failure is a value, not an exception."""
    blank = Fetched(package, wish.version)
    try:
        candidates = order(apt.candidates(package), wish.version)
    except AptError as error:
        return replace(blank, reason=str(error))
    kept: Fetched | None = None
    reasons: list[str] = []
    for candidate in candidates:
        where = f"{candidate.suite} {candidate.version}"
        try:
            files = apt.files(package, candidate.version)
            size = sum(file.size for file in files)
            if size > limit * MEBIBYTE:
                reasons.append(f"{where}: {size // MEBIBYTE} MiB, over the limit of {limit}")
                continue
            missing = bring(apt, work, package, files)
        except (AptError, OSError) as error:
            reasons.append(f"{where}: {error}")
            continue
        reasons += missing
        notes = "; ".join(reasons)
        kept = Fetched(package, wish.version, candidate.version, candidate.suite, "ready", notes)
        if not (missing and wish.patched):
            break  # else an older version may still have its patches
    return kept or replace(blank, reason="; ".join(reasons) or "in none of the suites")


def take(clones: Path | None, work: Path, package: str, wish: Wish) -> Fetched:
    """Take one tree out of a clone; every failure is a value, not an exception."""
    taken = Fetched(package, wish.commit)
    if clones is None:
        return replace(taken, reason="of a repository: wants --repositories")
    try:
        bring_commit(clones, wish.repository, wish.commit, work / "trees" / package)
    except (CloneError, OSError) as error:
        return replace(taken, reason=str(error))
    return replace(taken, version=wish.commit, suite=wish.repository, state="ready")


def bring(apt: Apt, work: Path, package: str, files: list[SourceFile]) -> list[str]:
    """Download and unpack one version, replacing what half of it there may be.

    Returns:
        What is missing of Debian's own part of the package, which the benchmark can do without.

    Raises:
        AptError: a download of upstream's part or tar failed.
    """
    part = work / "part" / package
    shutil.rmtree(part, ignore_errors=True)
    downloads = part / "downloads"
    for directory in (downloads, part / "tree"):
        directory.mkdir(parents=True)
    missing = []
    for file in sorted(files, key=is_debians):
        if ".tar." not in file.name or file.name.endswith(".asc"):
            continue
        try:
            apt.download(file, downloads)
        except AptError as error:
            if not is_debians(file):
                raise
            missing.append(f"no patches: {error}")
    unpack(downloads, part)
    for source, place in (("tree", "trees"), ("debian/patches", "patches")):
        target = work / place / package
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        if (part / source).is_dir():
            (part / source).rename(target)
    shutil.rmtree(part)
    return missing


def is_debians(file: SourceFile) -> bool:
    """Return whether the file holds Debian's directory, not upstream's source."""
    return ".debian.tar." in file.name


def unpack(downloads: Path, part: Path) -> None:
    """Unpack upstream's archives into `part`/tree and Debian's directory into `part`/debian.

    The names are those of deb-src(5): NAME_VERSION.orig.tar.*, .orig-COMPONENT.tar.* (unpacked
    into a directory of that name), .debian.tar.*, or for a native package NAME_VERSION.tar.*.
    """
    archives = sorted(path for path in downloads.iterdir() if ".tar." in path.name)
    archives = [path for path in archives if not path.name.endswith(".asc")]
    for path in archives:
        middle = path.name.rsplit(".tar.", 1)[0].rsplit(".", 1)[-1]
        if middle == "debian":
            run(["tar", "--no-same-owner", "-xf", str(path), "-C", str(part)])
        elif middle.startswith("orig-"):
            extract(path, part / "tree" / middle.removeprefix("orig-"))
        else:
            extract(path, part / "tree")
    if not any((part / "tree").iterdir()):
        raise AptError("no upstream archive in the package")


def extract(archive: Path, target: Path) -> None:
    """Unpack an archive into `target`, without the single directory it may have at the top."""
    inner = target.with_name(f"{target.name}.unpacked")
    inner.mkdir(parents=True)
    run(["tar", "--no-same-owner", "-xf", str(archive), "-C", str(inner)])
    entries = list(inner.iterdir())
    single = len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink()
    target.mkdir(parents=True, exist_ok=True)
    for entry in list((entries[0] if single else inner).iterdir()):
        entry.rename(target / entry.name)
    shutil.rmtree(inner)


def main() -> None:
    """Fetch everything that is not there yet and say what there is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="where everything is put")
    parser.add_argument("--split", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--limit", type=int, default=120, help="MiB to download for a package")
    parser.add_argument("--repositories", type=Path, metavar="CLONES")
    parser.add_argument("--again", action="store_true", help="try again what failed before")
    options = parser.parse_args()
    record = options.work / "fetched.json"
    try:
        wanted = wishes(options.split)
        apt = Apt(options.work / "apt")
        if not all(wish.repository for wish in wanted.values()):
            apt.prepare()
    except (HeldBackError, AptError, OSError, ValueError) as error:
        sys.exit(f"fetch: {error}")
    done: dict[str, dict[str, str]] = {}
    if record.exists():
        done = json.loads(record.read_text(encoding="utf-8"))
    for number, (package, wish) in enumerate(wanted.items(), 1):
        before = done.get(package)
        if before and (before["state"] == "ready" or not options.again):
            continue
        if wish.repository:
            result = take(options.repositories, options.work, package, wish)
        else:
            result = fetch(apt, options.work, package, wish, options.limit)
        done[package] = asdict(result)
        record.write_text(json.dumps(done, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        told = (result.package, result.version, result.suite, result.state, result.reason)
        print(f"[{number}/{len(wanted)}]", *told, file=sys.stderr, flush=True)
    ready = sum(row["state"] == "ready" for row in done.values())
    print(f"{ready} of {len(done)} packages are ready under {options.work / 'trees'}")


if __name__ == "__main__":
    main()
