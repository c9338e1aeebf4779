#!/usr/bin/env python3
"""Real programs that fail to build for a target, built with `duanban fix`'s patch and run there.

    .venv/bin/python benchmarks/prove_programs.py --work WORK [--only NAME]... [--page docs/proofs.md]

For each program of prove_programs.toml: `duanban prove`, whose proof is left in WORK (its step
`before` is the unpatched tree); then the table. Sources come from PyPI (`pypi:` locators) or, for Debian, from
Debian's source archive through apt with lists of its own. It needs what docs/prove.md says, and
for Python what the program's build needs (`pip install cython cffi numpy`). Proofs that are done
are taken.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
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
    parser.add_argument("--page", type=Path, help="write the table into this page")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    rows = []
    for program in tomllib.loads(PROGRAMS.read_text("utf-8"))["program"]:
        if arguments.only and program["name"] not in arguments.only:
            continue
        print(program["name"], file=sys.stderr, flush=True)
        locator = locator_of(program, arguments.work)
        rows.append(row(program, proof(program, locator, arguments.work)))
    table = "\n".join([*HEAD, *rows])
    if arguments.page:
        page = arguments.page.read_text("utf-8")
        start, end = page.index("<!-- begin -->"), page.index("<!-- end -->")
        text = f"{page[:start]}<!-- begin -->\n{table}\n{page[end:]}"
        arguments.page.write_text(text, "utf-8")
    else:
        print(table)


def locator_of(program: dict, work: Path) -> str:
    """Return the locator of a program; Debian's upstream archive is fetched."""
    if "locator" in program:
        return program["locator"]
    apt = Apt(work / "apt")
    apt.prepare()
    (file,) = (
        file
        for file in apt.files(program["source"], program["version"])
        if ".orig.tar" in file.name and not file.name.endswith(".asc")
    )
    if not (work / file.name).exists():
        apt.download(file, work)
    return str(work / file.name)


def proof(program: dict, locator: str, work: Path) -> dict:
    """Return the proof of one program."""
    output = work / f"{program['name']}-{program['target']}.json"
    command = [sys.executable, "-m", "duanban", "prove", locator, "-t", program["target"]]
    command += [*program.get("options", ()), "-o", str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(output.read_text("utf-8"))


HEAD = (
    "| program | target | unpatched | files that fail | patch | verdict | shown by |",
    "|---|---|---|---:|---|---|---|",
)


def row(program: dict, after: dict) -> str:
    """Return the line of one program."""
    steps = {step["name"]: step for step in after["steps"]}
    before = steps["before"]["facts"]
    lines = after["patch"].splitlines()
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    shown = [name for name in ("tests", "run") if steps.get(name, {}).get("state") == "passed"]
    subject = after["subject"]
    return (
        f"| {program['name']} {subject['version']} | {program['target']} "
        f"| {'builds' if before['builds'] else 'does not build'} "
        f"| {len(before['failing'])} of {before['units']} | +{added} −{removed} "
        f"| {after['verdict']} | {', '.join(shown) or '–'} |"
    )


if __name__ == "__main__":
    main()
