"""Names of machines and systems as they stand in conditions and lists (`names.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from duanban.scan.regex import Pattern, compile_pattern

_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|testing|testsuite|unittests?|testdata|docs?|documentation|examples?|samples?"
    r"|[^/]*[_-](?:unit)?tests?|config\.tests|demos?"
    r"|benchmarks?|fuzz(?:ers?|ing)?|\.?(?:ci|travis(?:-ci)?|circleci|appveyor|buildbot)|\.github)/"
    r"|[^/][_-](?:unit)?(?:tests?|bench(?:mark)?|fuzzer|example)\.[a-z]+$"
    r"|(?:^|/)(?:travis|appveyor)[^/]*$",
    re.IGNORECASE,
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|testsuite|unittests?|testdata|\.ci|\.github)/"
    r"|(?:^|/)test[_-][^/]*$|[^/][_-](?:unit)?tests?\.[a-z]+$",
    re.IGNORECASE,
)
SHORTEST = 3
"""Letters of a machine's name that ends a word of several parts, at least."""


class Machine(NamedTuple):
    """A kind of machine that a name stands for."""

    family: str
    serves: frozenset[str]
    """Architectures that a branch for the name is for."""
    is_ambiguous: bool
    is_32bit: bool


class Mention(NamedTuple):
    """A place where a machine is named."""

    start: int
    end: int
    machine: Machine
    word: str
    """The name, in lower case."""


@dataclass(frozen=True, slots=True)
class _Names:
    machines: tuple[tuple[re.Pattern[bytes], Machine], ...]
    search: Pattern
    inside: Pattern
    """The same behind a small letter: the end of a word such as `ContextARM64`."""
    feature: re.Pattern[bytes]
    holds: re.Pattern[bytes]
    fails: re.Pattern[bytes]
    systems_of_files: re.Pattern[bytes]
    generated_names: frozenset[str]
    generated_heads: re.Pattern[bytes]


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("names.toml").read_text("utf-8"))


def _any(words: list[str]) -> str:
    return "|".join(words)


def _systems(content: dict[str, Any], holds: bool) -> re.Pattern[bytes]:
    words = [w for system in content["system"] if system["holds"] is holds for w in system["words"]]
    return re.compile(rf"(?i)(?<![a-z0-9])(?:{_any(words)})(?![a-z0-9])".encode())


@cache
def _names() -> _Names:
    content = _content()
    machines = tuple(
        (
            re.compile(f"(?i)(?:{_any(entry['words'])})".encode()),
            Machine(
                entry["family"],
                frozenset(entry["serves"]),
                entry.get("ambiguous", False),
                entry.get("bits32", False),
            ),
        )
        for entry in content["machine"]
    )
    every = [word for entry in content["machine"] for word in entry["words"]]
    return _Names(
        machines,
        compile_pattern(rf"(?i)(?:^|[^a-z0-9])x?({_any(every)})".encode()),
        compile_pattern(rf"(?i)[a-z]({_any(every)})".encode()),
        re.compile(f"(?i)(?:{_any(content['feature']['suffixes'])})".encode()),
        _systems(content, True),
        _systems(content, False),
        re.compile(rf"(?i)(?<![a-z0-9])(?:{_any(content['files']['systems'])})(?![a-z])".encode()),
        frozenset(content["generated"]["names"]),
        re.compile(_any(content["generated"]["heads"]).encode()),
    )


def mentions(text: bytes) -> Iterator[Mention]:
    """Yield the machines that `text` names, in order; names of their extensions do not count."""
    names = _names()
    for match in names.search.finditer(text):
        start, end = match.start(1), match.end(1)
        if text[end : end + 1].isalnum() or names.feature.match(text, end):
            continue
        machine = _machine(text[start:end])
        if machine is not None:
            yield Mention(start, end, machine, text[start:end].decode("latin-1").lower())


def mentions_inside(text: bytes) -> Iterator[Mention]:
    """Yield the machines that words of several parts end in: `ContextARM64`, `kArchMips`."""
    names = _names()
    for match in names.inside.finditer(text):
        start, end = match.start(1), match.end(1)
        after = text[end : end + 1]
        if end - start < SHORTEST or not text[start - 1 : start].islower() or after.isalnum():
            continue
        word = text[start:end]
        if word[:1].isupper() and (machine := _machine(word)) is not None:
            yield Mention(start, end, machine, word.decode("latin-1").lower())


@cache
def _machine(word: bytes) -> Machine | None:
    for pattern, machine in _names().machines:
        if pattern.fullmatch(word):
            return machine
    return None


def system_holds(text: bytes) -> bool | None:
    """Return whether a condition that says `text` is met on Linux with GCC; None: not known."""
    names = _names()
    if names.holds.search(text):
        return True
    return False if names.fails.search(text) else None


def is_generated(path: str, head: bytes) -> bool:
    """Return whether a list in the file is not its project's: by its path or its head.

    Build tools make or copy in some files; a test names machines as samples, and what tests run on
    (`.ci`, `.github`) is not what they run for.
    """
    return _TEST.search(path) is not None or is_copied(path, head)


def is_aside(path: str) -> bool:
    """Return whether the file is a test, an example or documentation by its path."""
    return _ASIDE.search(path) is not None


def is_copied(path: str, head: bytes) -> bool:
    """Return whether a build tool made the file or copied it in, by its name or its head."""
    names = _names()
    name = path.rpartition("/")[2]
    is_known = name in names.generated_names or name.endswith(("config.sub", "config.guess"))
    return is_known or names.generated_heads.search(head) is not None


def is_for_other_system(path: str) -> bool:
    """Return whether the name of a file or of its directory names another system than Linux."""
    directory, _, name = path.rpartition("/")
    text = f"{directory.rpartition('/')[2]} {name}".encode("utf-8", "replace")
    return _names().systems_of_files.search(text) is not None


def is_below_other_system(path: str) -> bool:
    """Return whether one of the directories that a file stands in is named after another system."""
    return any(is_for_other_system(f"{part}/_") for part in path.split("/")[:-1])
