"""How many files of a tree each rule's prefilter picks out, and how many it then finds a tie in.

    python benchmarks/rule_hits.py TREE [--target ID] [--every N]

The first figure is what a rule costs (a file that is picked out must be read precisely), the
second what it gives. Rules without any hit are not listed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from duanban.scan.examine import HEAD, is_binary
from duanban.scan.languages import language_of
from duanban.scan.setup import make_examiner
from duanban.targets.loader import load_target


def texts(root: Path, every: int) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every `every`-th regular text file under `root`."""
    paths = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    for path in paths[::every]:
        data = path.read_bytes()
        if not is_binary(data):
            yield str(path.relative_to(root)), data


def main() -> None:
    """Print one line per rule, the costliest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--target", default="debian-sid-loong64")
    parser.add_argument("--every", type=int, default=1, help="read every Nth file only")
    arguments = parser.parse_args()
    examiner = make_examiner([load_target(arguments.target)])
    catalogue = examiner.catalogue
    picked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    files = picked_files = found_files = 0
    for path, data in texts(arguments.tree, arguments.every):
        files += 1
        hits = examiner.prefilter.hits(language_of(path, data[:HEAD]), data)
        rules = catalogue.candidates(hits) if hits else []
        picked.update(rule.rule.id for rule in rules)
        picked_files += bool(rules)
        record = examiner.examine(path, data) if rules else None
        if record is not None and record.hits and record.hits[0]:
            found_files += 1
            found.update({hit.rule for hit in record.hits[0]})
    print(f"{arguments.target}, engine {examiner.prefilter.engine}: {files} text files")
    share = 100 / max(files, 1)
    print(f"{'rule':40} {'picked':>8} {'%':>6} {'found':>8}")
    for rule, count in picked.most_common():
        print(f"{rule:40} {count:8} {count * share:6.2f} {found[rule]:8}")
    print(f"{'any':40} {picked_files:8} {picked_files * share:6.2f} {found_files:8}")


if __name__ == "__main__":
    main()
