"""What one build file lists: sources, and directories that it enters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from duanban.model import Truth
from duanban.scan.build.source import BuildSource, State
from duanban.scan.place import place_names

_NAMED = re.compile(rb"([\w.+-]+)\.(?:c|cc|cpp|cxx|m|mm|cu|S|s|asm|o|lo|obj)\b")
_RULE = re.compile(rb"^[^\s#=:][^=:]*::?(?!=)")
"""What a rule of make is for: that it can be made does not say that it is."""
_HOLDER = re.compile(
    rb"^[ \t]*(?:(?:set|list)[ \t]*\([ \t]*(?:APPEND[ \t]+)?(\w+)|([\w.-]+)[ \t]*[:+?]?=)",
    re.IGNORECASE,
)
"""A variable that what follows is put into."""
_COMPUTED = re.compile(rb"^[ \t]*[\w.-]*\$[({][A-Z_][\w.-]*[)}][\w.-]*[ \t]*[:+?]?=")
"""A variable whose name another decides, as in `obj-$(CONFIG_X)`."""
_PATH = re.compile(rb"(?<![\w/.$(){}-])([A-Za-z0-9_][\w./+-]*)")
_NOT_BUILT = re.compile(rb"^(?:\w*DIST|\w*_?(?:HEADERS|DATA|SCRIPTS)|\w*CLEAN\w*)$")
"""Variables of automake for what is only packed up, installed or deleted."""
_TRIES = re.compile(rb"(?i)^[ \t]*(?:try_|check_)\w+[ \t]*\(")
"""Calls of CMake that compile a source to see whether it can be."""
_ENTERS = re.compile(rb"\b(?:add_subdirectory[ \t]*\([ \t]*\"?|subdir[ \t]*\([ \t]*')([\w./+-]+)")
_RETURN = re.compile(rb"^[ \t]*(?:return|subdir_done)[ \t]*\([ \t]*\)", re.IGNORECASE)
_BODY = re.compile(rb"^[ \t]*(end)?(?:function|macro)[ \t]*\(", re.IGNORECASE)


def listed(
    source: BuildSource, states: Sequence[State], machine: str
) -> Iterator[tuple[str, Truth]]:
    """Yield the names that a build file lists, with whether they are for the machine.

    Args:
        source: the file.
        states: of its lines, on the machine.
        machine: its GNU name.
    """
    is_make = source.language == "make"
    is_recipe = goes_on = is_computed = is_tried = False
    holder = b""
    taken: dict[bytes, Truth] = {}
    depth = 0
    for written, state in zip(source.text.split(b"\n"), states, strict=False):
        line = written
        if is_make:
            is_recipe = is_recipe if goes_on else line.startswith(b"\t")
            began = not goes_on
            goes_on = line.endswith(b"\\")
            if is_recipe:
                continue
            line = _RULE.sub(b"", line, count=1)
        else:
            began = depth <= 0
            depth = max(0, depth) + line.count(b"(") - line.count(b")")
        if began:
            named = _HOLDER.match(written)
            holder = (named[1] or named[2]) if named else b""
            is_computed = is_make and _COMPUTED.match(written) is not None
            is_tried = not is_make and _TRIES.match(written) is not None
        is_left = is_tried or (is_make and _NOT_BUILT.match(holder) is not None)
        for match in _NAMED.finditer(line):
            truth = Truth.FALSE if is_left else state.truth
            if is_computed:
                truth = min(truth, Truth.UNKNOWN)
            if holder and holder not in taken:
                for_others = _is_for_others(holder, machine)
                taken[holder] = _is_used(holder, source, states) if for_others else Truth.TRUE
            truth = min(truth, taken.get(holder, Truth.TRUE))
            yield match[1].decode("ascii", "replace"), truth


def _is_for_others(holder: bytes, machine: str) -> bool:
    """Return whether a variable is named after another machine or its extensions."""
    names = place_names()
    found = names.pattern.findall(holder.decode("latin-1"))
    meant = [names.architectures[name.lower()] for name in found]
    return bool(meant) and not any(machine in one for one in meant)


def _is_used(holder: bytes, source: BuildSource, states: Sequence[State]) -> Truth:
    """Return whether something takes in what a variable holds."""
    name = re.escape(holder)
    use = rb"\$[({]" + name + rb"(?![\w.-])"
    if source.language == "meson":
        use = rb"\b" + name + rb"\b(?![ \t]*\+?=)"
    truth = Truth.FALSE
    for match in re.finditer(use, source.text):
        line = source.text.count(b"\n", 0, match.start())
        truth = max(truth, states[min(line, len(states) - 1)].truth)
    return truth


def words(source: BuildSource, states: Sequence[State]) -> Iterator[tuple[str, Truth]]:
    """Yield the words of a makefile that may be paths, with whether they are for the machine."""
    goes_on = is_computed = False
    for line, state in zip(source.text.split(b"\n"), states, strict=False):
        if not goes_on:
            is_computed = _COMPUTED.match(line) is not None
        goes_on = line.endswith(b"\\")
        truth = min(state.truth, Truth.UNKNOWN) if is_computed else state.truth
        for match in _PATH.finditer(line):
            yield match[1].decode("ascii", "replace"), truth


def gates(source: BuildSource, states: Sequence[State]) -> tuple[Truth, list[tuple[str, Truth]]]:
    """Return whether a file of CMake or Meson is gone through, and the directories it enters.

    A `return()` under a condition that holds ends it at once; where the condition is open, so is
    all that follows.
    """
    gate = Truth.TRUE
    entered: list[tuple[str, Truth]] = []
    in_body = False
    for line, state in zip(source.text.split(b"\n"), states, strict=False):
        if body := _BODY.match(line):
            in_body = body[1] is None
        elif not in_body and _RETURN.match(line):
            gate = min(gate, state.truth.negated())
        elif directory := _ENTERS.search(line):
            entered.append((directory[1].decode("ascii", "replace"), min(gate, state.truth)))
    return gate, entered
