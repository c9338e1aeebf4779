"""The worked examples of docs/depend.md: the 20 shortest staves, each looked up in the stanzas.

What `duanban depend staves` says is held against the `Sources` and `Packages` files by other means
than ours: plain text search, first alternatives, no versions. A row that the stanzas do not bear
out is called so, and then the script fails.

Run it after benchmarks/depend.py, with the same WORK:

    .venv/bin/python benchmarks/depend_example.py --work WORK --page docs/depend.md
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import deque
from pathlib import Path

from depend import REFERENCE

SHOWN = 20
BUDGETS = (1, 2, 5, 10, 20, 50, 100, 200)
NOT_CONFIRMED = "**not confirmed**"
Fields = dict[str, str]


class Stanzas:
    """The files as text: sources, and the binary packages of both architectures."""

    def __init__(self, work: Path, arch: str) -> None:
        self.arch = arch
        self.sources: dict[str, list[Fields]] = {}
        for stanza in _read(work / "source" / "Sources"):
            if stanza.get("Extra-Source-Only") != "yes":
                self.sources.setdefault(stanza["Package"], []).append(stanza)
        self.target = {one["Package"]: one for one in _read(work / arch / "Packages")}
        self.reference = {one["Package"]: one for one in _read(work / REFERENCE / "Packages")}

    def built(self, name: str, packages: dict[str, Fields]) -> set[str]:
        """Return the packages of one architecture that a source built."""
        return {
            package
            for package, fields in packages.items()
            if fields["Architecture"] != "all"
            and fields.get("Source", package).partition(" ")[0] == name
        }

    def check(self, name: str, cause: str) -> str:
        """Return what the stanzas say of a stave."""
        told = [getattr(self, f"_{one.split()[0]}")(name) for one in cause.split(", ")]
        return "; ".join(told)

    def _architecture(self, name: str) -> str:
        lists = [one.get("Architecture", "any").split() for one in self.sources.get(name, [])]
        words = {self.arch, "any", "linux-any", f"any-{self.arch}"}
        if not lists or any(words & set(listed) for listed in lists):
            return f"list: {NOT_CONFIRMED}"
        return f"list is `{' '.join(lists[-1])}`"

    def _missing(self, name: str) -> str:
        return NOT_CONFIRMED if {name} & {*self.target, *self.reference} else "no such package"

    def _build(self, name: str) -> str:
        there = self.built(name, self.target)
        if not there:
            listed = " ".join(self.sources[name][-1].get("Architecture", "any").split())
            return (
                f"`{listed}`, no package there"
                if self.built(name, self.reference)
                else (NOT_CONFIRMED)
            )
        versions = {self.target[one]["Version"] for one in there}
        return f"packages of {', '.join(sorted(versions))} there"

    def _absent(self, name: str) -> str:
        there = self.built(name, self.target)
        missing = sorted(self.built(name, self.reference) - there)
        if not there or not missing:
            return NOT_CONFIRMED
        more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
        return f"built, without {', '.join(missing[:4])}{more}"

    def _bootstrap(self, name: str) -> str:
        """Look for a way from what a source is built with back to a package that it builds."""
        own = self.built(name, self.reference)
        stanza = self.sources[name][-1]
        text = ", ".join(stanza.get(f, "") for f in ("Build-Depends", "Build-Depends-Arch"))
        came: dict[str, str] = dict.fromkeys(_names(text), "")
        pending = deque(came)
        while pending:
            package = pending.popleft()
            if package in own:
                way = [package]
                while came[way[0]]:
                    way.insert(0, came[way[0]])
                return f"needs {' → '.join(way)}, which it builds"
            fields = self.reference.get(package, {})
            for needed in _names(fields.get("Depends", "")):
                if needed not in came:
                    came[needed] = package
                    pending.append(needed)
        return f"cycle: {NOT_CONFIRMED}"


def _read(path: Path) -> list[Fields]:
    found = []
    for text in path.read_text(errors="replace").split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): *(.*(?:\n .*)*)", text, re.M))
        if fields:
            found.append(fields)
    return found


def _names(relations: str) -> list[str]:
    """Return the first name of each relation that has no condition on profiles or machines."""
    return [
        re.split(r"[\s(:|]", one.strip())[0]
        for one in relations.split(",")
        if one.strip() and not re.search(r"[<\[][^=<>]", one)
    ]


def example(work: Path, arch: str, date: str) -> str:
    """Return the section of an architecture."""
    report = json.loads((work / f"staves-{arch}.json").read_text())
    stanzas = Stanzas(work, arch)
    kinds = ", ".join(f"{count:,} {kind}s" for kind, count in report["items"].items())
    lines = [
        f"{report['missing']:,} items are held back against {report['reference']}: {kinds}; "
        f"{report['out_of_reach']} of them stay blocked whatever is solved. There are "
        f"{len(report['staves']):,} staves. Data of {date}.",
        "",
        "| # | stave | cause | alone | holds back | in the stanzas |",
        "|---:|---|---|---:|---:|---|",
    ]
    for number, one in enumerate(report["staves"][:SHOWN], 1):
        said = stanzas.check(one["name"], one["cause"])
        if one["doubt"]:
            said += f". **Doubtful**: {one['doubt']}"
        lines.append(
            f"| {number} | {one['name']} | {one['cause']} | {one['alone']} | {one['holds_back']} "
            f"| {said} |"
        )
    curve = {point["budget"]: point for point in report["curve"]}
    last = report["curve"][-1]
    told = [f"{b} → {curve[b]['unlocked']:,}" for b in BUDGETS if b < last["budget"]]
    proven = all(point["unlocked"] == point["bound"] for point in report["curve"])
    plan = report["plan"]
    lines += [
        "",
        f"The best {plan['budget']} unlock {plan['unlocked']} items: {', '.join(plan['chosen'])}. "
        f"Budgets: {', '.join(told)}, all {last['budget']} → {last['unlocked']:,}; "
        + ("proven to be the optimum for every one of them." if proven else "bounds apart."),
    ]
    return "\n".join(lines)


def main() -> None:
    """Put the examples between their marks in the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="of benchmarks/depend.py")
    parser.add_argument("--page", type=Path, required=True, help="the page to write into")
    parser.add_argument("--duanban", default=".venv/bin/duanban", help="the command")
    options = parser.parse_args()
    (release,) = (options.work / "apt" / "lists").glob("*InRelease")
    dated = re.search(r"^Date: \w+, (\d+ \w+ \d+)", release.read_text(errors="replace"), re.M)
    page = options.page.read_text("utf-8")
    for arch in re.findall(r"<!-- example (\w+):begin -->", page):
        command = [options.duanban, "depend", "staves", "--arch", arch, "--format", "json"]
        for name, place in (("reference", REFERENCE), ("packages", arch)):
            command += [f"--{name}", str(options.work / place / "Packages")]
        command += ["--sources", str(options.work / "source" / "Sources")]
        output = subprocess.run(command, check=True, capture_output=True).stdout
        (options.work / f"staves-{arch}.json").write_bytes(output)
        made = example(options.work, arch, dated[1] if dated else "an unknown day")
        page = re.sub(
            rf"(?s)(<!-- example {arch}:begin -->\n).*(<!-- example {arch}:end -->)",
            lambda found, made=made: f"{found[1]}{made}\n{found[2]}",  # type: ignore[misc]
            page,
        )
    options.page.write_text(page, "utf-8")
    if NOT_CONFIRMED in page:
        sys.exit("a row is not borne out by the stanzas")


if __name__ == "__main__":
    main()
