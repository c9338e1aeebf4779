"""What assemblers and inline assembly of each architecture know (`facts/assembler.json`)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

_LITERAL = re.compile(r"([^\"]*)\"(?:\s*\(\s*([^)]*?)\s*(?:\)|\Z))?")
_INTEGER = re.compile(r"(-?)\s*(0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)[uUlL]*")
_VARIABLE = re.compile(r"[a-z_]\w*")
_MARKS = "=+&%*?!#^ \t,$0123456789"
"""What says how an operand is used, not what it is; digits are another operand."""
_PARTS = re.compile(r"@cc\w+|\[\w+\]|[YUZSWcv]\w?\w?|.")
_PREFIXES = {
    "x86_64": ("Y", "W", "j"),
    "aarch64": ("U", "Y", "S"),
    "riscv64": ("v", "c", "S"),
    "loongarch64": ("Z",),
}
"""First letters of constraints that have several (GCC manual, "Machine Constraints")."""


SYMBOL = "S"
"""On Arm and RISC-V, the address of something."""


class Machine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One architecture."""

    instructions: frozenset[str]
    registers: frozenset[str]
    """Names that clobbers and variables in registers may have."""
    constraints: Mapping[str, list[int] | None]
    """Letters of constraints and conditions (`@ccz`): None, a variable; or which constants."""
    modifiers: str
    """Letters between `%` and an operand's number."""

    def has_instruction(self, word: str) -> bool:
        """Return whether the assembler knows `word`, perhaps with a suffix behind a dot."""
        return word in self.instructions or word.partition(".")[0] in self.instructions


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    machines: dict[str, Machine]
    sources: dict[str, str]


@cache
def machines() -> dict[str, Machine]:
    """Return what is known, by GNU machine name."""
    content = files(__package__).joinpath("facts", "assembler.json").read_bytes()
    return msgspec.json.decode(content, type=_Facts).machines


class Instructions:
    """The words that are no instruction which `owner` has and `name` lacks."""

    def __init__(self, owner: str, name: str) -> None:
        self._owner, self._own = machines()[owner], machines()[name]

    def __contains__(self, word: object) -> bool:
        text = str(word).lower()
        return text not in self._owner.instructions or self._own.has_instruction(text)


class Registers:
    """The names that are no register which only other machines have."""

    def __init__(self, name: str) -> None:
        self._own = machines()[name].registers
        self._others = frozenset[str]().union(*(one.registers for one in machines().values()))

    def __contains__(self, name: object) -> bool:
        return name in self._own or str(name).lower() not in self._others


class Modifiers:
    """The letters that may stand before an operand's number, and those that no machine has."""

    def __init__(self, name: str) -> None:
        known = "".join(one.modifiers for one in machines().values())
        self._letters = frozenset(machines()[name].modifiers) | (
            frozenset(map(chr, range(128))) - frozenset(known)
        )

    def __contains__(self, letter: object) -> bool:
        return letter in self._letters


class Constraints:
    """The constraints of operands that a machine can meet: `=r`, `I"(31)`, `S"(pointer)`.

    What cannot be told from the text (an operand that may be a constant) can be met.
    """

    def __init__(self, name: str) -> None:
        self._own = machines()[name].constraints
        self._reference = machines()["x86_64"].constraints
        self._prefixes = _PREFIXES[name]

    def __contains__(self, text: object) -> bool:
        written = _LITERAL.match(str(text))
        if written is None:
            return True
        letters = [part for part in _PARTS.findall(written[1]) if part[0] not in _MARKS + "["]
        if not letters:
            return True
        parts = [self._single(part) for part in letters]
        if any(part is None for part in parts):
            return False
        flat = [letter for part in parts if part is not None for letter in part]
        if any(self._takes_variable(letter) for letter in flat):
            return True
        return self._takes(flat, written[1], (written[2] or "").strip())

    def _single(self, part: str) -> tuple[str, ...] | None:
        """Return the letters of a part as ones of this machine; None if it does not have them."""
        if part.startswith("@"):
            return (part,) if part in self._own else None
        if part[0] in self._prefixes and (len(part) > 1 or part == SYMBOL):
            return (part,) if part == SYMBOL else ("r",)
        return tuple(part) if all(letter in self._own for letter in part) else None

    def _takes_variable(self, letter: str) -> bool:
        return letter in self._own and self._own[letter] is None

    def _takes(self, letters: list[str], written: str, operand: str) -> bool:
        """Return whether constants that `letters` ask for may be what the operand is."""
        values = [self._own.get(letter, []) for letter in letters]
        number = _INTEGER.fullmatch(operand)
        if number is not None:
            value = int(number[2], 0) * (-1 if number[1] else 1)
            return any(one is not None and _may_hold(one, value) for one in values)
        if written[:1] in "=+":
            return False
        # On x86 the letters are registers, so the operand may be a variable; it looks like one.
        is_register = any(self._reference.get(letter, ()) is None for letter in letters)
        return not (is_register and _VARIABLE.fullmatch(operand))


def _may_hold(tried: list[int], value: int) -> bool:
    """Return whether `value` may be taken by what takes `tried` of the constants tried."""
    every = _tried()
    at = bisect_left(every, value)
    if value in every[at : at + 1]:
        return value in tried
    near = every[max(0, at - 1) : at + 1]
    return not near or any(one in tried for one in near)


@cache
def _tried() -> list[int]:
    """Return the constants that were tried, in order: the letter `i` takes them all."""
    return sorted(machines()["x86_64"].constraints["i"] or ())


@cache
def instructions(owner: str, name: str) -> Instructions:
    """Return the words that are no instruction of `owner` that is foreign to `name`."""
    return Instructions(owner, name)


@cache
def registers(name: str) -> Registers:
    """Return the names that are no register foreign to the machine `name`."""
    return Registers(name)


@cache
def modifiers(name: str) -> Modifiers:
    """Return the modifiers of operands that are not foreign to the machine `name`."""
    return Modifiers(name)


@cache
def constraints(name: str) -> Constraints:
    """Return the constraints that the machine `name` can meet."""
    return Constraints(name)
