"""Writes the generated part of pages in docs/, or checks that it is in step.

    python scripts/generate_docs.py rules [--check]

What stands above the line `<!-- generated: ... -->` of a page is written by hand and kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from duanban.rules import load_rules
from duanban.rules.catalogue import markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"
MARK = "<!-- generated: everything below comes from scripts/generate_docs.py -->\n"

PAGES: Mapping[str, Callable[[], str]] = {"rules": lambda: markdown(load_rules())}


def main() -> int:
    """Write or check the pages that are named; return 1 if one is out of step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", choices=sorted(PAGES))
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    stale = 0
    for page in arguments.pages:
        path = DOCS / f"{page}.md"
        before = path.read_text(encoding="utf-8")
        head, mark, _ = before.partition(MARK)
        if not mark:
            print(f"{path.name} has no line {MARK.strip()}", file=sys.stderr)
            return 1
        after = f"{head}{MARK}\n{PAGES[page]()}"
        if after == before:
            continue
        if arguments.check:
            print(
                f"{path.name} is out of step; run scripts/generate_docs.py {page}", file=sys.stderr
            )
            stale = 1
        else:
            path.write_text(after, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
