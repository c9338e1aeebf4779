r"""Looks the catalogue's alternatives up in Debian `Packages` files, so that support is computed.

    python scripts/verify_catalogue.py --index debian-sid --date 2026-10-30 \
        amd64=amd64/Packages arm64=arm64/Packages riscv64=... loong64=... [--check]

Takes the first of an alternative's packages that the index of an architecture has, with its
version, and writes `src/duanban/alternatives/catalogue/debian.json`. `--check` writes nothing, says
what has changed, and fails if something has. The date is that of the index (its InRelease file).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from duanban.alternatives.loader import DIRECTORY, read_catalogue
from duanban.alternatives.schema import MACHINES

MACHINE_OF = dict(zip(("amd64", "arm64", "riscv64", "loong64"), MACHINES, strict=True))
OUTPUT = DIRECTORY / "debian.json"


def versions(path: Path) -> dict[str, str]:
    """Return package name to version, of a plain `Packages` file."""
    found: dict[str, str] = {}
    name = ""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("Package: "):
                name = line[9:].strip()
            elif line.startswith("Version: ") and name:
                found.setdefault(name, line[9:].strip())
                name = ""
    return found


def main() -> int:
    """Write or check the file; return 1 if something has changed under `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", required=True)
    parser.add_argument("--date", required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("packages", nargs="+", metavar="ARCH=FILE")
    arguments = parser.parse_args()
    there = {}
    for pair in arguments.packages:
        architecture, _, path = pair.partition("=")
        there[MACHINE_OF[architecture]] = versions(Path(path))
    found: dict[str, dict[str, list[str]]] = {}
    for one in read_catalogue(DIRECTORY).alternatives.values():
        for machine, known in there.items():
            package = next((name for name in one.debian if name in known), "")
            if package:
                found.setdefault(one.id, {})[machine] = [package, known[package]]
            elif one.debian and not any(name in k for k in there.values() for name in one.debian):
                print(f"{one.id}: no index has {', '.join(one.debian)}", file=sys.stderr)
                break
    document = {"index": arguments.index, "date": arguments.date, "alternatives": found}
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    before = OUTPUT.read_text("utf-8") if OUTPUT.exists() else ""
    if arguments.check:
        _tell(json.loads(before or "{}").get("alternatives", {}), found)
        return int(json.loads(before or "{}").get("alternatives") != found)
    OUTPUT.write_text(text, "utf-8")
    return 0


def _tell(before: dict[str, dict[str, list[str]]], after: dict[str, dict[str, list[str]]]) -> None:
    for name in sorted({*before, *after}):
        for machine in MACHINES:
            old, new = before.get(name, {}).get(machine), after.get(name, {}).get(machine)
            if old != new:
                print(f"{name} on {machine}: {old} -> {new}")


if __name__ == "__main__":
    sys.exit(main())
