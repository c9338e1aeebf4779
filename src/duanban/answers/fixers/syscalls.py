"""System calls that the target does not have → the function of the C library that does the same.

`syscall(SYS_open, path, flags)` stays where `SYS_open` is defined, and is `open(path, flags)`
elsewhere (`legacy_syscalls.toml`). A tree that defines `open` itself gets the newer system call,
`syscall(SYS_openat, AT_FDCWD, path, flags)`, since its function would call itself. Numbers are
replaced only where a `#define __NR_x` of an x86 number stands in the open: under `#ifndef`, with
the header that has the right ones before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from duanban.answers.guarded import Replacement, blocks, include_edit, is_live, twice
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import C_SUFFIXES, Text, Work

_CALL = re.compile(rb"\bsyscall[ \t]*\([ \t]*((?:__NR_|SYS_)(\w+))[ \t]*([,)])")
_ANY = re.compile(rb"\b(?:__NR_|SYS_)(\w+)")
_DEFINED = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+((?:__NR_|SYS_)(\w+))[ \t]+\(?[ \t]*\d+[ \t]*\)?[^\n]*\n", re.M
)
_HEADERS = {"AT_FDCWD": "fcntl.h", "SIGCHLD": "signal.h"}
"""Names that newer calls need, and where they are declared."""


class _Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    becomes: str
    headers: tuple[str, ...]
    newer: str = ""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    call: tuple[_Call, ...]


@cache
def legacy_calls() -> Mapping[str, _Call]:
    """Return the table, by name of the call."""
    data = files("duanban.answers").joinpath("legacy_syscalls.toml").read_bytes()
    return {call.name: call for call in msgspec.toml.decode(data, type=_Table).call}


class Syscalls:
    """See the module."""

    name = "syscalls"
    title = "system calls that the target does not have become calls of the C library"
    rules = ("os.syscalls.name", "os.syscalls.number-defined")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each use that has no counterpart."""
        named = [one for one in work.files(("os.syscalls.name",)) if one[0].language == "c"]
        own = work.words(_own_function(), C_SUFFIXES) if named else frozenset()
        for text, ids in named:
            yield from self._calls(work, text, ids, own)
        for text, ids in work.files(("os.syscalls.number-defined",)):
            if text.language == "c":
                yield from self._numbers(work, text, ids)

    def _calls(
        self, work: Work, text: Text, ids: tuple[str, ...], own: frozenset[bytes]
    ) -> Iterator[Outcome]:
        have = work.target.architecture.syscalls
        done: list[tuple[int, int]] = []
        edits: list[Edit] = []
        headers: dict[str, None] = {}
        for match in _CALL.finditer(text.c.code):
            name = match[2].decode()
            call = legacy_calls().get(name)
            line = text.line(match.start())
            if name in have or call is None or not is_live(text, line):
                continue
            end = _closing(text.c.code, match.end(3) - 1 if match[3] == b"," else match.start(3))
            if end < 0:
                continue
            arguments = text.data[match.end(3) : end].strip() if match[3] == b"," else b""
            new, needed = _instead(call, arguments, own)
            if not new:
                reason = (
                    f"the tree has a function {_called(call)} of its own, which would call itself"
                )
                yield Refusal(self.name, text.path, line, reason, ids)
                done.append((match.start(), end))
                continue
            (block,) = blocks(text, [Replacement(match.start(), end + 1, new)])
            edits.append(twice(text, block, b"defined(" + match[1] + b")"))
            headers.update(dict.fromkeys(needed))
            done.append((match.start(), end))
        for match in _ANY.finditer(text.c.code):
            inside = any(first <= match.start() <= last for first, last in done)
            line = text.line(match.start())
            name = match[1].decode()
            if inside or name in have or name not in legacy_calls() or not is_live(text, line):
                continue
            if not re.match(rb"[ \t]*#", text.span(line, line)):
                reason = f"{match[0].decode()} is used other than in a call of syscall()"
                yield Refusal(self.name, text.path, line, reason, ids)
        for header in headers:
            edit = include_edit(text, header)
            edits += [edit] if edit else []
        if edits:
            why = "calls the C library where the system call is missing"
            yield Change(self.name, text.path, tuple(edits), why, (), ids)

    def _numbers(self, work: Work, text: Text, ids: tuple[str, ...]) -> Iterator[Outcome]:
        edits: list[Edit] = []
        for match in _DEFINED.finditer(text.data):
            line = text.line(match.start())
            known = match[2].decode() in work.target.architecture.syscalls
            if not known or not is_live(text, line) or match[1].decode() in text.guard(line):
                continue
            start, end = text.start(line), text.start(line + 1)
            old = text.data[start:end]
            edits.append(Edit(start, end, b"#ifndef %s\n%s#endif\n" % (match[1], old)))
        if not edits:
            reason = "the numbers stand under conditions of their own"
            yield Refusal(self.name, text.path, 1, reason, ids)
            return
        header = include_edit(text, "sys/syscall.h")
        edits += [header] if header else []
        why = "takes numbers of system calls from the system where it has them"
        yield Change(self.name, text.path, tuple(edits), why, (), ids)


def _instead(call: _Call, arguments: bytes, own: frozenset[bytes]) -> tuple[bytes, tuple[str, ...]]:
    """Return what stands for a call, and its headers; nothing where nothing can."""
    if _called(call).encode() not in own:
        return _filled(call.becomes, arguments), call.headers
    headers = tuple(header for name, header in _HEADERS.items() if name in call.newer)
    return _filled(call.newer, arguments), headers


@cache
def _own_function() -> re.Pattern[bytes]:
    """Return what finds functions that are defined and named as those of the C library."""
    names = b"|".join(sorted({_called(call).encode() for call in legacy_calls().values()}))
    return re.compile(
        rb"^(?:[A-Za-z_][\w \t*]*[ \t*\n])?(%s)[ \t]*\([^;{}()]*\)\s*\{" % names, re.MULTILINE
    )


def _called(call: _Call) -> str:
    """Return the name of the function of the C library."""
    return call.becomes.partition("(")[0]


def _filled(form: str, arguments: bytes) -> bytes:
    first = arguments.split(b",")[0].strip()
    return form.encode().replace(b"$*", arguments).replace(b"$1", first)


def _closing(code: bytes, start: int) -> int:
    """Return where the parenthesis closes that is open at `start`; -1 if nowhere near."""
    depth = 1
    for index in range(start, min(len(code), start + 2000)):
        sign = code[index : index + 1]
        depth += (sign == b"(") - (sign == b")")
        if not depth:
            return index
    return -1
