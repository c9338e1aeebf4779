"""`duanban depend` on Debian sid against libsolv and dose: cost, and whether the answers agree.

The indexes of four architectures come through the machine's own apt (private lists, the system's
are only read); then, one after the other on the same files:

    check          duanban depend check --packages P --arch A --format json
    check, again   the same, its linked index being in the cache
    check+sources  check with --sources S and an empty cache
    staves         duanban depend staves --reference amd64 --packages P --sources S --arch A
    impact         duanban depend impact --packages P --sources S --arch A
    check, apt's   check on the LZ4 file that apt keeps (with apt's Acquire::GzipIndexes)
    installcheck   installcheck A P                         (libsolv)
    dose-debcheck  dose-debcheck -e -f --deb-native-arch=A P
    dose-builddebcheck  dose-builddebcheck -e -f --deb-native-arch=A --deb-tupletable=...
                   --deb-cputable=... P S                   (with --slow A: minutes each)
    the same, no tables                                     (with --slow A)

Ours run --rounds times, and the median counts; peers run once, or with --reuse not again if their
answer is in WORK. dose without the tables does not know wildcards such as `linux-any` for newer
architectures and passes over the sources that use them.

Run it:

    apt-get install libsolv-tools dose-distcheck dose-builddebcheck
    .venv/bin/python benchmarks/depend.py --work WORK --mirror URL --slow amd64 --slow loong64
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import date
from functools import cached_property
from pathlib import Path

from measure import BenchmarkError, Cost, machine, median, run

ARCHITECTURES = ("amd64", "arm64", "riscv64", "loong64")
REFERENCE = "amd64"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
TABLES = Path("/usr/share/dpkg")


def main() -> None:
    """Measure and print a Markdown report."""
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        text = report(options)
    except BenchmarkError as error:
        sys.exit(f"depend: {error}")
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        (options.results / f"{date.today().isoformat()}-depend.md").write_text(text)
    print(text, end="")


def report(options: argparse.Namespace) -> str:
    """Fetch what is not there, run all, and return the report."""
    work: Path = options.work.resolve()
    released = fetch(work, options.mirror)
    bench = Bench(work, options)
    for arch in ARCHITECTURES:
        bench.check(arch)
        bench.peers(arch)
        if arch != REFERENCE:
            bench.staves(arch)
    bench.impact()
    bench.packed(REFERENCE)
    total = sum(bench.spent[f"check+sources-{arch}"].cpu for arch in ARCHITECTURES)
    return "\n".join(
        [
            f"# Package graph, {date.today().isoformat()}",
            "",
            f"- Machine: {machine()}.",
            f"- Debian sid, indexes of {released}.",
            "- CPU is user and system seconds of all processes; ours are medians of "
            f"{options.rounds} run(s), peers ran once.",
            f"- All four architectures, all binaries and all sources: {total:.1f} CPU s.",
            "",
            "| run | architecture | CPU s | wall s | peak MB | found |",
            "|---|---|---:|---:|---:|---|",
            *bench.rows,
            "",
            *bench.notes,
            "",
        ]
    )


class Bench:
    """Runs the commands and keeps what they cost and found."""

    def __init__(self, work: Path, options: argparse.Namespace) -> None:
        self.rows: list[str] = []
        self.notes: list[str] = []
        self.spent: dict[str, Cost] = {}
        self._work = work
        self._options = options
        self._cache = work / "cache"
        self._sources = str(work / "source" / "Sources")
        # Times of the peers' earlier runs.
        self._kept = work / "costs.json"

    def check(self, arch: str) -> None:
        """Check binaries with an empty and a filled cache, and then binaries and sources."""
        command = self._command("check", arch, "--format", "json")
        out = self._work / f"check-{arch}.json"
        self._ours("check", arch, command, out, fresh=True)
        self._ours("check, again", arch, command, out)
        self._ours("check+sources", arch, [*command, *self._with_sources], out, fresh=True)
        self.rows[-1] = self.rows[-1].removesuffix(" |") + f"{_found(out)} |"

    def staves(self, arch: str) -> None:
        """Find what holds an architecture back."""
        reference = ["--reference", str(self._work / REFERENCE / "Packages"), *self._with_sources]
        command = self._command("staves", arch, *reference, "--format", "json")
        out = self._work / f"staves-{arch}.json"
        self._ours("staves", arch, command, out, fresh=True)
        self._ours("staves, again", arch, command, out)
        found = json.loads(out.read_text())
        plan = found["plan"]
        free = found["curve"][0]["unlocked"]
        proven = all(point["unlocked"] == point["bound"] for point in found["curve"])
        self.rows[-1] = self.rows[-1].removesuffix(" |") + (
            f"{found['missing']} items, {len(found['staves'])} staves; "
            f"best {plan['budget']} unlock {plan['unlocked']} of at most {plan['bound']}; every "
            f"budget {'proven' if proven else 'bounded'}; {free} free |"
        )

    def impact(self) -> None:
        """Remove each package in turn."""
        command = self._command("impact", REFERENCE, *self._with_sources)
        self._ours("impact", REFERENCE, command, None, fresh=True)

    def packed(self, arch: str) -> None:
        """Check the file as apt keeps it."""
        found = list((self._work / "apt" / "lists").glob(f"*binary-{arch}_Packages.lz4"))
        if found:
            command = self._command("check", arch, "--format", "json")
            command[command.index("--packages") + 1] = str(found[0])
            self._ours("check, apt's LZ4", arch, command, None, fresh=True)

    def peers(self, arch: str) -> None:
        """Run those peers that are installed and say where they and we differ."""
        packages = str(self._work / arch / "Packages")
        ours = json.loads((self._work / f"check-{arch}.json").read_text())
        binaries = {(one["package"], one["version"]) for one in ours["broken"]}
        sources = {(one["source"], one["version"]) for one in ours["unbuildable"]}
        joined = {(f"{name}-{version}", "") for name, version in binaries}
        native = f"--deb-native-arch={arch}"
        tables = [f"--deb-{name}={TABLES / name}" for name in ("tupletable", "cputable")]
        self._peer("installcheck", arch, ["installcheck", arch, packages], joined)
        self._peer("dose-debcheck", arch, ["dose-debcheck", "-e", "-f", native, packages], binaries)
        if arch in self._options.slow:
            builds = ["dose-builddebcheck", "-e", "-f", native]
            files = [packages, self._sources]
            self._peer("dose-builddebcheck", arch, [*builds, *tables, *files], sources)
            self._peer("dose-builddebcheck, no tables", arch, [*builds, *files], sources)

    @property
    def _with_sources(self) -> list[str]:
        return ["--sources", self._sources]

    def _command(self, verb: str, arch: str, *more: str) -> list[str]:
        packages = str(self._work / arch / "Packages")
        return [
            self._options.duanban,
            "depend",
            verb,
            "--packages",
            packages,
            "--arch",
            arch,
            *more,
        ]

    def _ours(
        self, name: str, arch: str, command: list[str], out: Path | None, *, fresh: bool = False
    ) -> None:
        """Run a command of ours some times, with an empty cache if it is to be `fresh`."""
        costs = []
        for _ in range(self._options.rounds):
            if fresh:
                shutil.rmtree(self._cache, ignore_errors=True)
            environment = {"DUANBAN_CACHE": str(self._cache)}
            costs.append(run(command, output=out, environment=environment))
        self.spent[f"{name}-{arch}"] = median(costs)
        self.rows.append(_row(name, arch, median(costs), ""))

    def _peer(self, name: str, arch: str, command: list[str], own: set[tuple[str, str]]) -> None:
        """Run a peer and compare its answer with our `own`."""
        if shutil.which(command[0]) is None:
            self.notes.append(f"- {name} is not installed: not compared.")
            return
        key = f"{name.replace(', no tables', '-bare')}-{arch}"
        out = self._work / f"{key}.txt"
        kept = json.loads(self._kept.read_text()) if self._kept.is_file() else {}
        if self._options.reuse and key in kept and out.is_file():
            cost = Cost(*kept[key])
        else:
            cost = run(command, output=out, allowed=(0, 1))
            kept[key] = astuple(cost)
            self._kept.write_text(json.dumps(kept))
        text = out.read_text(errors="replace")
        theirs = _installcheck(text) if name == "installcheck" else _dose(text)
        superseded = theirs & self._superseded if "build" in name else set()
        self.rows.append(_row(name, arch, cost, f"{len(theirs)} broken"))
        differ = [("only they", theirs - own - superseded), ("only we", own - theirs)]
        told = [f"{who}: {_listed(names)}" for who, names in differ if names]
        said = "; ".join(told) or "the same answers"
        if superseded:
            said += f"; besides, they count {len(superseded)} superseded sources"
        self.notes.append(f"- {arch}, {name}: {said}.")

    @cached_property
    def _superseded(self) -> set[tuple[str, str]]:
        """Sources that the archive keeps only beside newer ones (`Extra-Source-Only`)."""
        found = set()
        for stanza in Path(self._sources).read_text(errors="replace").split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Extra-Source-Only): (\S+)", stanza, re.M))
            if fields.get("Extra-Source-Only") == "yes":
                found.add((fields["Package"], fields["Version"]))
        return found


def fetch(work: Path, mirror: str) -> str:
    """Put the indexes into `work` as plain files unless they are there; return their date.

    Raises:
        BenchmarkError: apt failed.
    """
    lists = work / "apt" / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    source_list = work / "apt" / "sources.list"
    option = f"signed-by={KEYRING}"
    source_list.write_text(
        f"deb [arch={','.join(ARCHITECTURES)} {option}] {mirror} sid main\n"
        f"deb-src [{option}] {mirror} sid main\n"
    )
    settings = {
        "Dir::Etc::SourceList": str(source_list),
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": str(lists),
        "Dir::Cache": str(work / "apt" / "cache"),
        "APT::Architectures": ",".join(ARCHITECTURES),
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    if not list(lists.glob("*InRelease")):
        _call(["apt-get", *(f"-o{key}={value}" for key, value in settings.items()), "update"])
    wanted = {arch: (f"*binary-{arch}_Packages*", "Packages") for arch in ARCHITECTURES}
    wanted["source"] = ("*source_Sources*", "Sources")
    for directory, (pattern, name) in wanted.items():
        place = work / directory / name
        if not place.is_file():
            place.parent.mkdir(exist_ok=True)
            (packed,) = lists.glob(pattern)
            place.write_bytes(_call(["/usr/lib/apt/apt-helper", "cat-file", str(packed)]))
    (release,) = lists.glob("*InRelease")
    found = re.search(r"^Date: (.*)$", release.read_text(errors="replace"), re.M)
    return found[1] if found else "an unknown date"


def _installcheck(text: str) -> set[tuple[str, str]]:
    """Return what libsolv calls broken; it joins name and version with a dash."""
    found = re.findall(r"^can't install (\S+)\.\w+:$", text, re.M)
    return {(one, "") for one in found}


def _dose(text: str) -> set[tuple[str, str]]:
    """Return what dose calls broken; packages that its reasons name stand further in."""
    return set(re.findall(r"^  package: (?:src:)?(\S+)\n  version: (\S+)", text, re.M))


def _listed(names: Iterable[tuple[str, str]]) -> str:
    words = sorted(" ".join(name).strip() for name in names)
    return ", ".join(words[:12]) + (f" and {len(words) - 12} more" if len(words) > 12 else "")


def _found(path: Path) -> str:
    report = json.loads(path.read_text())
    return (
        f"{len(report['broken'])} of {report['packages']} packages, "
        f"{len(report['unbuildable'])} of {report['sources']} sources"
    )


def _row(name: str, arch: str, cost: Cost, found: str) -> str:
    numbers = f"{cost.cpu:.2f} | {cost.wall:.1f} | {cost.memory / 1e6:.0f}"
    return f"| {name} | {arch} | {numbers} | {found} |"


def _call(command: Sequence[str]) -> bytes:
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise BenchmarkError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace")[-1500:]
        raise BenchmarkError(f"{' '.join(command)}: {words}")
    return done.stdout


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="directory for the indexes")
    parser.add_argument("--results", type=Path, help="directory for the report")
    parser.add_argument("--mirror", required=True, help="a Debian archive, as apt names it")
    parser.add_argument("--duanban", default=".venv/bin/duanban", help="the command to measure")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each command of ours")
    parser.add_argument(
        "--slow", action="append", default=[], help="architecture to run dose-builddebcheck on"
    )
    parser.add_argument("--reuse", action="store_true", help="take the peers' runs from WORK")
    return parser.parse_args()


if __name__ == "__main__":
    main()
