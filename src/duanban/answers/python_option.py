"""Options of compilers and linkers in setup.py: arguments of the calls that make extension modules.

`Extension("x", ["x.c"], extra_compile_args=flags)` gets `[*flags, *NAME]`, and a call without that
argument gets `NAME`; `NAME` is set above for the target only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from duanban.answers.build_text import setting_line
from duanban.answers.interface import Edit
from duanban.answers.machine_flags import platform_import
from duanban.answers.work import Text

EXTENSION = b"Extension("
_CALL = re.compile(rb"(?<!class )(?<![\w.])(?:\w+\.)*(?:Pybind11|Cpp|CUDA)?Extension[ \t]*\(")
"""Others of that name hand over to another build system."""
_NAME = re.compile(rb"[\w.]+")
_SIGN = re.compile(rb"[()\[\]{},]")
_HIDDEN = re.compile(
    rb"#[^\n]*|\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL
)
_FILLED_LIST = re.compile(rb"\[[^\[\]]*[^\[\],\s][ \t]*\]")


@dataclass(frozen=True, slots=True)
class _Argument:
    start: int
    end: int
    """Behind its last sign, blanks and comments aside."""


def extension_edits(text: Text, machine: str, argument: str, option: str, name: str) -> list[Edit]:
    """Return the edits that give an option to all extension modules on a machine.

    Args:
        text: a setup.py.
        machine: GNU name of the architecture.
        argument: of the calls: `extra_compile_args` or `extra_link_args`.
        option: what is given.
        name: of the variable.
    """
    while name.encode() in text.data:
        name = f"DUANBAN_{name}"
    edits: list[Edit] = []
    first = 0
    code = _code(text.data)
    end = 0
    for call in _CALL.finditer(code):
        if call.start() < end:
            continue
        found, end = _arguments(code, call.end())
        if end < 0:
            return []
        if not found:
            continue
        if any(text.data[one.start : one.start + 2] == b"**" for one in found):
            return []  # nobody sees whether the argument is there already
        edits.append(_given(text, found, argument.encode(), name.encode()))
        first = first or setting_line(text, text.line(call.start()))
    if not edits:
        return []
    at = text.start(first)
    test = f'get_platform().endswith("{machine}")'
    lines = f'{platform_import(text)}{name} = ["{option}"] if {test} else []\n'
    return [Edit(at, at, lines.encode()), *edits]


def _given(text: Text, arguments: list[_Argument], keyword: bytes, name: bytes) -> Edit:
    for one in arguments:
        own = re.match(keyword + rb"[ \t]*=[ \t]*", text.data[one.start : one.end])
        if own:
            start = one.start + own.end()
            return Edit(start, one.end, _extended(text.data[start : one.end], name))
    last = arguments[-1]
    line = text.line(last.start)
    alone = not text.data[text.start(line) : last.start].strip()
    margin = text.data[text.start(line) : last.start] if alone else b" "
    return Edit(
        last.end, last.end, b"," + (b"\n" if alone else b"") + margin + keyword + b"=" + name
    )


def _extended(value: bytes, name: bytes) -> bytes:
    """Return the expression for a list with what stands in the variable behind it."""
    if _FILLED_LIST.fullmatch(value):
        return value[:-1].rstrip() + b", *" + name + b"]"
    value = value if _NAME.fullmatch(value) else b"(" + value + b")"
    return b"[*" + value + b", *" + name + b"]"


def _arguments(code: bytes, start: int) -> tuple[list[_Argument], int]:
    """Return the arguments of the call that opens before `start`, and its end, -1 for none."""
    found: list[_Argument] = []
    depth, begin = 1, start
    for match in _SIGN.finditer(code, start):
        depth += (match[0] in b"([{") - (match[0] in b")]}")
        if (match[0] == b"," and depth == 1) or not depth:
            own = code[begin : match.start()]
            blank = len(own) - len(own.lstrip())
            if own.strip():
                found.append(_Argument(begin + blank, begin + len(own.rstrip())))
            begin = match.end()
        if not depth:
            return found, match.end()
    return [], -1


def _code(data: bytes) -> bytes:
    """Return Python with comments blanked and the signs within strings as underscores."""

    def one(match: re.Match[bytes]) -> bytes:
        sign = b" " if match[0].startswith(b"#") else b"_"
        return re.sub(rb"[^\n]", sign, match[0])

    return _HIDDEN.sub(one, data)
