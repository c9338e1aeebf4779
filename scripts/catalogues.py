"""Keeps the catalogues of report words (`src/duanban/report/languages/`) in step.

    python scripts/catalogues.py [--check]

Lists what reports say that `zh_CN.po` does not, and what it has that nobody says; writes `zh_TW.po`
from it with OpenCC, or with --check only compares. What a person must do is translate into
`zh_CN.po`; the other file is never edited by hand.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from duanban.model import EvidenceKind, Layer, Severity
from duanban.report import as_csv, text
from duanban.report.supply import WORDS
from duanban.report.text import first_sentence
from duanban.report.words import read
from duanban.rules import load_rules

REPORT = Path(as_csv.__file__).parent
LANGUAGES = REPORT / "languages"
TRADITIONAL = "s2twp"
"""Of OpenCC: simplified to traditional characters, with the words of Taiwan."""


def said() -> dict[str, None]:
    """Return all that reports say, in order: labels, titles of rules, what to do, messages."""
    rules = load_rules()
    remedies = dict.fromkeys(first_sentence(rule.remedy) for rule in rules)
    messages = dict.fromkeys(rule.message for rule in rules)
    return labels() | dict.fromkeys(rule.title for rule in rules) | remedies | messages


def labels() -> dict[str, None]:
    """Return what the code of reports says."""
    found: dict[str, None] = {}
    for file in sorted(REPORT.glob("*.py")):
        found |= dict.fromkeys(_in_code(ast.parse(file.read_text("utf-8"))))
    page = (REPORT / "page.html").read_text("utf-8")
    found |= dict.fromkeys(re.findall(r"\{\{(.+?)\}\}", page))
    for name in ("page.js", "theme.js"):
        code = (REPORT / name).read_text("utf-8")
        found |= dict.fromkeys(re.findall(r'say\("([^"]+)"', code))
    tables = (text.VERDICTS.values(), Severity, Layer, WORDS.values(), EvidenceKind, ["h"])
    found |= dict.fromkeys(str(word) for table in tables for word in table)
    found |= {f"{{count}} {word}": None for word in text.COUNTED.values()}
    return found


def _in_code(tree: ast.Module) -> Iterator[str]:
    """Yield the texts that a module gives to `say` and `plural`, by name or in a tuple of heads."""
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    constants["HOURS"] = text.HOURS
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "say":
                given = node.args[0]
                if isinstance(given, ast.Constant):
                    yield given.value
                elif isinstance(given, ast.Name) and given.id in constants:
                    yield constants[given.id]
            elif node.func.id == "plural" and isinstance(node.args[1], ast.Constant):
                yield f"{{count}} {node.args[1].value}"
        elif isinstance(node, ast.GeneratorExp) and "say(" in ast.unparse(node.elt):
            yield from _heads(node.generators[0].iter)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "heads":
            yield from _heads(node.value)


def _heads(node: ast.expr) -> Iterator[str]:
    """Yield the heads of a table or scale: a tuple of words, and nothing but."""
    for each in ast.walk(node):
        if isinstance(each, ast.Tuple):
            words = [one.value for one in each.elts if isinstance(one, ast.Constant)]
            if words and all(isinstance(word, str) for word in words):
                yield from map(str, words)


def traditional(simplified: str) -> str:
    """Return a catalogue in traditional characters."""
    from opencc import OpenCC  # noqa: PLC0415 - only who makes the catalogues needs it

    converted = str(OpenCC(TRADITIONAL).convert(simplified)).replace("zh_CN", "zh_TW")
    return converted.translate(str.maketrans("“”", "「」"))


def main() -> int:
    """Write or check; return 1 if something is out of step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    simplified = (LANGUAGES / "zh_CN.po").read_text("utf-8")
    have, want = read(simplified), said()
    missing = [one for one in want if one not in have]
    dead = [one for one in have if one not in want]
    for one in missing:
        print(f"missing: {one}")
    for one in dead:
        print(f"not said: {one}")
    file, made = LANGUAGES / "zh_TW.po", traditional(simplified)
    if not check:
        file.write_text(made, "utf-8")
    elif file.read_text("utf-8") != made:
        print("zh_TW.po is out of step; run scripts/catalogues.py")
        return 1
    return 1 if missing or dead else 0


if __name__ == "__main__":
    sys.exit(main())
