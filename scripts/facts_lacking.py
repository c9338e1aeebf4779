"""Names that the C library's and the kernel's headers declare on some architectures only."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import facts_compiler as compiler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from duanban.scan.units.declarations import NEVER_DECLARED, declared

OWNERS = ("x86_64", "aarch64")
"""Architectures that code is written for first."""
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n)*", re.MULTILINE)
FIELD = re.compile(r"\b__ctx\s*\(\s*(\w+)\s*\)")
"""How glibc writes the fields of signal contexts."""
TAG = re.compile(r"\b(?:struct|union|enum)\s+(\w+)\s*\{")
TYPE = re.compile(
    r"\b(?:struct|union|enum)\s+(\w+)\s*\{|\}\s*(\w+)\s*;|\btypedef\b[^;{}]*\b(\w+)(?:\[\d+\])?\s*;"
)
NOT_ASKED = re.compile(r"__NR_|SYS_|__builtin_|__glibc_|_+\w*_H_*$")
"""System calls and builtins, which have facts of their own, and include guards."""
ELSEWISE = {"loongarch64": {"__float128"}}
"""Names that a compiler brings itself: GCC 14 release notes, "LoongArch"."""
KERNEL = 3
"""From this one of `header_directories` on, headers are the same for all architectures."""


def texts(machine: str, foreign: set[str]) -> tuple[set[str], dict[str, str]]:
    """Return the names of those headers that may differ, and all without comments and strings."""
    found: dict[str, str] = {}
    special: set[str] = set()
    for number, directory in enumerate(compiler.header_directories(machine)):
        for path in sorted(directory.rglob("*.h")):
            name = path.relative_to(directory).as_posix()
            if name not in foreign and name not in found:
                found[name] = compiler.ASIDE.sub(" ", path.read_text(errors="replace"))
                if number < KERNEL:
                    special.add(name)
    return special, found


def forms(text: str) -> dict[str, str]:
    """Return the names that a header declares: `n`ame, `m`ember of something, `t`ag."""
    code = FIELD.sub(r"\1", DIRECTIVE.sub("", text))
    found: dict[str, str] = {}
    for name, _, is_member in declared([(code.encode(), 0)]):
        word = name.decode()
        if found.get(word) != "n":
            found[word] = "m" if is_member else "n"
    for tag in set(TAG.findall(code)):
        if not re.search(rf"(?<!struct )(?<!union )(?<!enum )\b{tag}\b", " ".join(code.split())):
            found[tag] = "t"
    return found | dict.fromkeys(compiler.DEFINED.findall(text), "n")


def reached(headers: Mapping[str, str]) -> dict[str, set[str]]:
    """Return per header those that it includes, and they, whatever the conditions."""
    direct = {name: set(INCLUDE.findall(text)) & headers.keys() for name, text in headers.items()}
    found = {}
    for name in headers:
        seen = {name}
        pending = [name]
        while pending:
            new = direct[pending.pop()] - seen
            seen |= new
            pending += new
        found[name] = seen
    return found


def types(text: str) -> set[str]:
    """Return the types that a header declares, by tag or by typedef."""
    code = DIRECTIVE.sub("", text)
    return {name for names in TYPE.findall(code) for name in names if name}


class Headers:
    """The headers of one machine."""

    def __init__(self, machine: str, foreign: set[str]) -> None:
        self.special, self.texts = texts(machine, foreign)
        self.words = {
            name: set(compiler.WORD.findall(INCLUDE.sub("", text)))
            for name, text in self.texts.items()
        }
        self.reached = reached(self.texts)

        own = {name: forms(self.texts[name]) for name in sorted(self.special)}
        self.declaring = own
        self.members = {n for found in own.values() for n, form in found.items() if form == "m"}
        self.tags = {tag for name in own for tag in TAG.findall(self.texts[name])}
        self.common = set[str]().union(*(self.words[name] for name in own))

    def declares(self, name: str, form: str) -> bool:
        """Return whether one of the special headers has `name` as what `form` says."""
        return name in {"m": self.members, "t": self.tags}.get(form, self.common)


def lacking(known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the names by header, by form and the machines that lack them, and who includes whom.

    A machine lacks what none of its special headers declares, nor any of those that bear the names
    of those which include the declaring one elsewhere, or are included by them.
    """
    every = {m: Headers(m, set(facts["headers_foreign"])) for m, facts in known.items()}
    names: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    kinds: dict[str, set[str]] = defaultdict(set)
    reaching: dict[str, set[str]] = defaultdict(set)
    for owner in OWNERS:
        mine = every[owner]
        by_declaring: dict[str, set[str]] = defaultdict(set)
        for header, others in mine.reached.items():
            for other in others:
                by_declaring[other].add(header)
        compilers = set(known[owner]["macros"]) | set(known[owner]["macros_optional"])
        for header, declared_there in mine.declaring.items():
            own = {
                m: set[str]().union(
                    *(
                        theirs.words[one]
                        for above in by_declaring[header]
                        for one in theirs.reached.get(above, ())
                    ),
                    ELSEWISE.get(m, ()),
                )
                for m, theirs in every.items()
            }
            for name, form in declared_there.items():
                machines = [
                    m for m in known if name not in own[m] and not every[m].declares(name, form)
                ]
                if not machines or name in compilers or name.encode() in NEVER_DECLARED:
                    continue
                if name.isidentifier() and not NOT_ASKED.match(name):
                    names[header][" ".join((form, *machines))].add(name)
                    kinds[header] |= types(mine.texts[header])
        for header, others in mine.reached.items():
            reaching[header] |= others
    return {
        "names": {
            header: {key: sorted(listed) for key, listed in sorted(here.items())}
            for header, here in sorted(names.items())
        },
        "types": {
            header: sorted(kinds[header])
            for header, here in sorted(names.items())
            if any(key.startswith("m ") for key in here)
        },
        "reached": {
            header: sorted(others & names.keys())
            for header, others in sorted(reaching.items())
            if others & names.keys()
        },
    }
