#!/usr/bin/env python3
"""Real programs that fail to build for a target, built with `duanban fix`'s patch and run there.

    .venv/bin/python benchmarks/prove_programs.py --work WORK [--only NAME]... [--page docs/proofs.md]
        [--recorded]

For each program and target of prove_programs.toml: `duanban prove`, whose proof is left in WORK (its
step `before` is the unpatched tree); then the table. Sources come from PyPI (`pypi:` locators), from
git, or from Debian's source archive through apt with lists of its own; `--sources DIR` takes
DIR/NAME instead, where it is there. It needs what docs/prove.md says for `--tools debian`; one
program is built by this system's cross compiler, and one by Zig (`pip install 'duanban[prove]'`).
Proofs that are done are taken; with `--recorded` those in WORK are taken as they are, and nothing is
proved: `--recorded --page docs/proofs.md` writes the page anew from an earlier run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.judgement.apt_sources import Apt  # noqa: E402

PROGRAMS = Path(__file__).with_name("prove_programs.toml")


def main() -> None:
    """Prove what is asked for, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--work", type=Path, required=True, help="for sources and proofs")
    parser.add_argument("--only", action="append", default=[], help="this program; repeatable")
    parser.add_argument("--sources", type=Path, help="directory with trees or archives by name")
    parser.add_argument("--recorded", action="store_true", help="prove nothing; read WORK")
    parser.add_argument("--page", type=Path, help="write the table into this page")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    rows = []
    for program in tomllib.loads(PROGRAMS.read_text("utf-8"))["program"]:
        if arguments.only and program["name"] not in arguments.only:
            continue
        locator = ""
        if not arguments.recorded:
            locator = locator_of(program, arguments.work, arguments.sources)
        for target in program["targets"]:
            print(program["name"], target, file=sys.stderr, flush=True)
            rows.append(row(program, proof(program, locator, target, arguments.work)))
    table = "\n".join([*HEAD, *rows])
    if arguments.page:
        page = arguments.page.read_text("utf-8")
        start, end = page.index("<!-- begin -->"), page.index("<!-- end -->")
        text = f"{page[:start]}<!-- begin -->\n{table}\n{page[end:]}"
        arguments.page.write_text(text, "utf-8")
    else:
        print(table)


def locator_of(program: Mapping, work: Path, sources: Path | None) -> str:
    """Return the locator of a program; Debian's upstream archive is fetched."""
    if sources and (sources / program["name"]).exists():
        return str(sources / program["name"])
    if "locator" in program:
        return program["locator"]
    apt = Apt(work / "apt")
    apt.prepare()
    (file,) = (
        file
        for file in apt.files(program["source"], program["package_version"])
        if ".orig.tar" in file.name and not file.name.endswith(".asc")
    )
    if not (work / file.name).exists():
        apt.download(file, work)
    return str(work / file.name)


def proof(program: Mapping, locator: str, target: str, work: Path) -> dict:
    """Return the proof of one program on one target; without a locator the recorded one."""
    output = work / f"{program['name']}-{target}.json"
    if not locator:
        return json.loads(output.read_text("utf-8"))
    command = [sys.executable, "-m", "duanban", "prove", locator, "-t", f"debian-sid-{target}"]
    tools = program.get("tools", "debian")
    command += ["--tools", tools] if tools else []
    command += [*program.get("options", ()), "-o", str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(output.read_text("utf-8"))


HEAD = (
    "| program | target | unpatched | files that fail | patch | verdict | shown by | that is |",
    "|---|---|---|---:|---|---|---|---|",
)


def row(program: Mapping, after: Mapping) -> str:
    """Return the line of one program on one target."""
    steps = {step["name"]: step for step in after["steps"]}
    before = steps["before"]["facts"]
    lines = after["patch"].splitlines()
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    shown = [name for name in ("tests", "run") if steps.get(name, {}).get("state") == "passed"]
    return (
        f"| {program['name']} {program['version']} | {after['target'].rpartition('-')[2]} "
        f"| {'builds' if before['builds'] else 'does not build'} "
        f"| {failing(before)} | +{added} −{removed} "
        f"| {after['verdict']} | {', '.join(shown) or '–'} | {program['shows']} |"
    )


def failing(before: Mapping) -> str:
    """Return how many files failed of those that the build came to."""
    if not before["units"]:
        return "none is reached"
    return f"{len(before['failing'])} of {before['units']}"


if __name__ == "__main__":
    main()
