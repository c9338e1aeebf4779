"""The reader of build files and scripts: which of their lines are for a target."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from duanban.model import Truth
from duanban.scan.build.chains import Chain, chains_of
from duanban.scan.build.evaluate import Settings, Variables, judge
from duanban.scan.build.indented import indented_chains
from duanban.scan.build.options import OPTIONS_OF, Options
from duanban.scan.interface import Include, MacroEnvironment, PlainSource, Region

MAX_GUARD = 2000
"""Characters of a condition that are kept."""

MAX_STATEMENT = 4000
"""Characters of a statement that are looked back over for its beginning."""
_CALL = re.compile(rb"^[ \t]*\w+[ \t]*\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class State:
    """Of a line on one machine."""

    truth: Truth = Truth.TRUE
    guard: str = ""
    names_machine: bool = False


class BuildSource:
    """A file of make, CMake, Meson, the shell, Autoconf or Python.

    Args:
        language: a key of `languages.toml`.
        plain: its views.
    """

    asm = b""
    operands = b""
    directives = b""
    includes: tuple[Include, ...] = ()

    def __init__(self, language: str, plain: PlainSource) -> None:
        self.language = language
        self.code = plain.code
        self.strings = plain.strings

    @cached_property
    def chains(self) -> list[Chain]:
        """The chains of conditions, outer before inner."""
        if self.language == "python":
            return indented_chains(self.code, self.text)
        # Meson's condition compares strings, which its code view does not show.
        text = self.code if self.language != "meson" else self.text
        return chains_of(self.language, text)

    @cached_property
    def text(self) -> bytes:
        """The file without comments, strings and all."""
        return joined(self.code, self.strings)

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return the states of all lines for the machine of `environment`."""
        states = self.states(environment.machine)
        found: list[Region] = []
        for line, state in enumerate(states, 1):
            if found and states[line - 2] is state:
                continue
            if found:
                found[-1] = _until(found[-1], line - 1)
            found.append(
                Region(line, line, state.truth, state.guard, frozenset(), state.names_machine)
            )
        found[-1] = _until(found[-1], len(states))
        return found

    def states(self, machine: str, options: Options | None = None) -> Sequence[State]:
        """Return the state of each line on `machine`.

        Args:
            machine: a GNU machine name.
            options: of the whole build; those of this file alone if None.
        """
        states = [State()] * (self.code.count(b"\n") + 1)
        settings: Settings | None = options
        variables = Variables(self.code, lambda line: states[line].truth)
        if settings is None and self.language in OPTIONS_OF:
            settings = Options([(self.language, self.text)], is_whole=False)
        for chain in self.chains:
            known = variables.before(chain.line) if self.language == "make" else settings
            _paint(chain, machine, known, states)
        return states


def _paint(chain: Chain, machine: str, settings: Settings | None, states: list[State]) -> None:
    outer = states[min(chain.line, len(states)) - 1]
    remaining, named = Truth.TRUE, outer.names_machine
    for branch in chain.branches:
        if branch.is_default:
            truth, held = remaining, Truth.TRUE
        else:
            judged = judge(
                branch.test,
                machine,
                is_pattern=chain.is_case,
                is_negated=branch.is_negated,
                settings=settings,
            )
            named = named or judged.names_machine
            held = judged.truth
            truth = min(remaining, held)
        remaining = min(remaining, held.negated())
        text = branch.test.decode("utf-8", "replace") or "otherwise"
        guard = " && ".join(part for part in (outer.guard, text) if part)[:MAX_GUARD]
        state = State(min(outer.truth, truth), guard, named)
        # A chain on one line has no lines of its own: what stands there is undecided at most.
        first = max(branch.first_line, chain.line + 1)
        last = min(branch.end_line, len(states))
        states[first - 1 : last] = [state] * (last - first + 1)


def _until(region: Region, line: int) -> Region:
    return Region(
        region.line, line, region.state, region.guard, region.macros, region.names_machine
    )


def statement_start(code: bytes, offset: int) -> int:
    """Return where the statement begins that goes on over lines to the one at `offset`.

    Lines go on behind a backslash, calls of CMake and Meson up to their closing parenthesis.
    """
    start = code.rfind(b"\n", 0, offset) + 1
    least = max(0, offset - MAX_STATEMENT)
    while start > least and code[:start].endswith((b"\\\n", b"\\\r\n")):
        start = code.rfind(b"\n", 0, start - 1) + 1
    before = code[least:offset]
    for call in reversed(list(_CALL.finditer(before))):
        inside = before[call.start() :]
        if inside.count(b"(") > inside.count(b")"):
            return min(start, least + call.start())
        break
    return start


def joined(code: bytes, strings: bytes) -> bytes:
    """Return the view `code` with the contents of strings, the view `strings`, put back."""
    if not strings.strip():
        return code
    blank = int.from_bytes(b" " * len(code))
    # Where one view has something the other has a space, or the same; whole numbers are fast.
    both = (int.from_bytes(code) ^ blank) | (int.from_bytes(strings) ^ blank)
    return (both ^ blank).to_bytes(len(code))
