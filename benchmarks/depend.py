"""`duanban depend` on Debian sid against libsolv and dose: cost, and whether the answers agree.

The indexes of four architectures come through the machine's own apt (private lists, the system's
are only read); then, one after the other on the same files:

    check          duanban depend check --packages P --arch A --format json
    check+sources  the same with --sources S
    staves         duanban depend staves --reference amd64 --packages P --sources S --arch A
    impact         duanban depend impact --packages P --sources S --arch A
    installcheck   installcheck A P                         (libsolv)
    dose-debcheck  dose-debcheck -e -f --deb-native-arch=A P
    dose-builddebcheck  dose-builddebcheck -e -f --deb-native-arch=A --deb-tupletable=...
                   --deb-cputable=... P S                   (with --slow: minutes each)

dose without the tables does not know wildcards such as `linux-any` for newer architectures and
passes over the sources that use them.

Run it:

    apt-get install libsolv-tools dose-distcheck dose-builddebcheck
    .venv/bin/python benchmarks/depend.py --work WORK --mirror URL --results benchmarks/results
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from measure import BenchmarkError, Cost, machine, run

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
    head = [
        f"# Package graph, {date.today().isoformat()}",
        "",
        f"- Machine: {machine()}.",
        f"- Debian sid, indexes of {released}.",
        "- CPU is user and system seconds of all processes; one run each.",
        "",
        "| run | architecture | CPU s | wall s | peak MB | found |",
        "|---|---|---:|---:|---:|---|",
    ]
    rows: list[str] = []
    notes: list[str] = []
    ours = options.duanban
    for arch in ARCHITECTURES:
        packages, sources = work / arch / "Packages", work / "source" / "Sources"
        check = [ours, "depend", "check", "--packages", str(packages), "--arch", arch]
        check += ["--format", "json"]
        both = [*check, "--sources", str(sources)]
        out = work / f"check-{arch}.json"
        rows.append(_row("check", arch, run(check, output=out), ""))
        rows.append(_row("check+sources", arch, run(both, output=out), _found(out)))
        _peers(work, arch, out, options.slow, rows, notes)
        if arch != REFERENCE:
            reference = work / REFERENCE / "Packages"
            staves = [ours, "depend", "staves", "--reference", str(reference)]
            staves += ["--packages", str(packages), "--sources", str(sources), "--arch", arch]
            result = work / f"staves-{arch}.json"
            cost = run([*staves, "--format", "json"], output=result)
            plan = json.loads(result.read_text())["plan"]
            rows.append(_row("staves", arch, cost, f"{plan['unlocked']} of {plan['bound']}"))
    amd64 = ["--packages", str(work / REFERENCE / "Packages"), "--arch", REFERENCE]
    impact = [ours, "depend", "impact", *amd64, "--sources", str(work / "source" / "Sources")]
    rows.append(_row("impact", REFERENCE, run(impact), ""))
    return "\n".join([*head, *rows, "", *notes]) + "\n"


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


def _peers(
    work: Path, arch: str, ours: Path, slow: bool, rows: list[str], notes: list[str]
) -> None:
    """Run those peers that are installed and say where they and we differ."""
    packages, sources = str(work / arch / "Packages"), str(work / "source" / "Sources")
    broken = json.loads(ours.read_text())
    our_binaries = {(one["package"], one["version"]) for one in broken["broken"]}
    our_sources = {(one["source"], one["version"]) for one in broken["unbuildable"]}
    joined = {(f"{name}-{version}", "") for name, version in our_binaries}
    native = f"--deb-native-arch={arch}"
    tables = [f"--deb-{name}={TABLES / name}" for name in ("tupletable", "cputable")]
    commands: list[tuple[str, list[str], set[tuple[str, str]]]] = [
        ("installcheck", ["installcheck", arch, packages], joined),
        ("dose-debcheck", ["dose-debcheck", "-e", "-f", native, packages], our_binaries),
    ]
    if slow:
        builds = ["dose-builddebcheck", "-e", "-f", native, *tables, packages, sources]
        commands.append((builds[0], builds, our_sources))
    for name, command, own in commands:
        if shutil.which(name) is None:
            notes.append(f"- {name} is not installed: not compared.")
            continue
        out = work / f"{name}-{arch}.txt"
        cost = run(command, output=out, allowed=(0, 1))
        text = out.read_text(errors="replace")
        theirs = _installcheck(text) if name == "installcheck" else _dose(text)
        rows.append(_row(name, arch, cost, f"{len(theirs)} broken"))
        only = (("only they", theirs - own), ("only we", own - theirs))
        differences = [f"{who}: {_listed(names)}" for who, names in only if names]
        notes.append(f"- {arch}, {name}: {'; '.join(differences) or 'the same answers'}.")


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
    parser.add_argument("--slow", action="store_true", help="run dose-builddebcheck as well")
    return parser.parse_args()


if __name__ == "__main__":
    main()
