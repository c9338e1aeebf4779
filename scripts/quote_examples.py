#!/usr/bin/env python3
"""Hold the quotations in examples of fixers against the files of the projects they are from.

    scripts/quote_examples.py TREES...                    say which are as they are quoted
    scripts/quote_examples.py --write EXAMPLE TREES...    write `before` and `sha256` of one

TREES are directories of projects, or of directories of projects. A quotation is found by its path
and checksum, so a project of another version does not count. Exit 1 if one differs or is not found.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "answers"))
from example import Example, examples, quoted, read, write


def candidates(trees: list[Path], source: str) -> Iterator[bytes]:
    """Yield the files of that path in the trees, or in the directories below them."""
    for tree in trees:
        for root in (tree, *(child for child in sorted(tree.iterdir()) if child.is_dir())):
            if (root / source).is_file():
                yield (root / source).read_bytes()


def judged(file: dict[str, str], trees: list[Path]) -> str:
    """Return whether a quotation is `as quoted`, `differs` or `not found`."""
    for data in candidates(trees, file.get("source", file["path"])):
        if hashlib.sha256(data).hexdigest() == file["sha256"]:
            same = quoted(data, file["lines"]) == file["before"]
            return "as quoted" if same else "differs"
    return "not found"


def fill(example: Example, trees: list[Path]) -> None:
    """Write the quotations of an example, from the first tree that has its files."""
    for file in example.files:
        if "lines" in file:
            source = file.get("source", file["path"])
            data = next(candidates(trees, source), None)
            if data is None:
                sys.exit(f"quote_examples: {source} is in none of the trees")
            file["sha256"] = hashlib.sha256(data).hexdigest()
            file["before"] = quoted(data, file["lines"])
    write(example)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--write", type=Path, metavar="EXAMPLE")
    options = parser.parse_args()
    if options.write:
        fill(read(options.write.resolve()), options.trees)
        return 0
    found = [
        (example, file, judged(file, options.trees))
        for example in examples()
        for file in example.files
        if "lines" in file
    ]
    for example, file, verdict in found:
        print(f"{verdict:10}  {example.fixer:16} {example.content['project']}, {file['path']}")
    return int(any(verdict != "as quoted" for _, _, verdict in found))


if __name__ == "__main__":
    sys.exit(main())
