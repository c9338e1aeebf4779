"""Runs the examples that the READMEs show, and writes what they print there, or compares it.

    python scripts/run_examples.py [--check]

An example is an indented block whose first line is `$ duanban …`. The inputs are fetched by the
user's own pip, so this is not part of the tests.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": "C.UTF-8", "README.zh.md": "zh_CN.UTF-8"}
"""Page to the locale that its examples are run in."""
WIDTH = 100
"""Columns of the terminal."""
EXAMPLE = re.compile(r"^    \$ (duanban [^\n]+)\n(?:\n|    [^\n]*\n)+?(?=\n?^\S)", re.MULTILINE)


def main() -> int:
    """Write or compare the examples; return 1 if one is out of step."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 on a difference"
    )
    arguments = parser.parse_args()
    stale = 0
    for name, locale in PAGES.items():
        page = ROOT / name
        text = page.read_text("utf-8")
        new = EXAMPLE.sub(lambda match, locale=locale: block(match[1], locale), text)
        if new != text:
            print(f"{name}: {'out of step' if arguments.check else 'written'}", file=sys.stderr)
            stale += 1
            if not arguments.check:
                page.write_text(new, "utf-8")
    return int(arguments.check and stale > 0)


def block(command: str, locale: str) -> str:
    """Return a command and what it prints, indented as in the pages."""
    environment = os.environ | {"COLUMNS": str(WIDTH), "LC_ALL": locale, "NO_COLOR": "1"}
    words = [sys.executable, "-m", *shlex.split(command)]
    ran = subprocess.run(
        words, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True
    )
    lines = [f"$ {command}", "", *ran.stdout.rstrip("\n").split("\n")]
    return "".join(f"    {line}".rstrip() + "\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
