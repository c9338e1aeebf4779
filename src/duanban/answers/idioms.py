"""The table of inline assembly that the compiler can say in its own words (asm_idioms.toml)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from duanban.answers.asm_statement import Assembly, Output

_PLACE = re.compile(r"\$(o|v|i)([0-9])|\$(zero|factor|input|address)")

_SUFFIX = re.compile(r"\b(?:cmpxchg|xchg|xadd|add|sub|inc|dec|or|and)([bwlq])\b")
_SIZES = {"b": b"unsigned char", "w": b"unsigned short", "l": b"unsigned int",
          "q": b"unsigned long long"}  # fmt: skip


class Idiom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the table, which says what the fields mean."""

    name: str
    template: str
    code: str
    source: str
    outputs: tuple[str, ...] | None = None
    inputs: tuple[str, ...] | None = None
    needs_before: tuple[int, ...] = ()
    optional: int = 0
    """How many outputs at the end may be missing."""
    last: str = ""
    """Code for the last output, where it is not missing."""
    header: str = ""
    assumes: str = ""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    idiom: tuple[Idiom, ...]


@dataclass(frozen=True, slots=True)
class Portable:
    """What says the same as a statement of assembly."""

    lines: tuple[bytes, ...]
    """One line is an expression; several are statements with their semicolons."""
    header: str
    assumes: str
    name: str


@cache
def idioms() -> tuple[Idiom, ...]:
    """Return the table, read once."""
    text = files("duanban.answers").joinpath("asm_idioms.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Table).idiom


def portable_form(assembly: Assembly) -> Portable | None:
    """Return what the compiler's own words are for the statement, if the table has them."""
    text = "; ".join(assembly.instructions)
    for idiom in idioms():
        if _fits(idiom, assembly, text):
            lines = _filled(idiom, assembly)
            if lines is not None:
                return Portable(lines, idiom.header, idiom.assumes, idiom.name)
    return None


def _fits(idiom: Idiom, assembly: Assembly, text: str) -> bool:
    if not re.fullmatch(idiom.template, text):
        return False
    return _operands_fit(idiom.outputs, assembly.outputs, idiom.optional) and _operands_fit(
        idiom.inputs, assembly.inputs, 0
    )


def _operands_fit(wanted: tuple[str, ...] | None, have: tuple[object, ...], optional: int) -> bool:
    if wanted is None:
        return True
    if not len(wanted) - optional <= len(have) <= len(wanted):
        return False
    return all(
        re.fullmatch(pattern, getattr(operand, "constraint", ""))
        for pattern, operand in zip(wanted, have, strict=False)
    )


def _filled(idiom: Idiom, assembly: Assembly) -> tuple[bytes, ...] | None:
    """Return the code with the operands put in; None if one that it needs is not there."""
    if any(assembly.outputs[index].before is None for index in idiom.needs_before):
        return None
    lines = idiom.code.strip().splitlines()
    if idiom.last and idiom.outputs and len(assembly.outputs) == len(idiom.outputs):
        lines += idiom.last.splitlines()
    missing = False

    def one(match: re.Match[str]) -> str:
        nonlocal missing
        found = _operand(match, assembly)
        missing = missing or found is None
        return (found or b"").decode("latin-1")

    filled = tuple(_PLACE.sub(one, line).encode("latin-1") for line in lines)
    return None if missing else tuple(_of_size(line, assembly) for line in filled)


def _of_size(line: bytes, assembly: Assembly) -> bytes:
    """Return code that takes the size of memory from the instruction, where casts hide it.

    The kernel's and others' `*(struct xchg_dummy *)ptr` is an operand of any size; what the
    instruction's suffix says is what is read and written.
    """
    suffix = _SUFFIX.search("; ".join(assembly.instructions))
    if suffix is None:
        return line
    kind = _SIZES[suffix[1]]
    for operand in (*assembly.outputs, *assembly.inputs):
        place = operand.expression
        if operand.constraint == "m" and b"(" in place:
            line = line.replace(b"__typeof__(%s)" % place, kind)
            line = line.replace(b"&(%s)" % place, b"(%s *)&(%s)" % (kind, place))
    return line


def _operand(match: re.Match[str], assembly: Assembly) -> bytes | None:
    kind, index, word = match.groups()
    if word is not None:
        return _word(word, assembly)
    group = assembly.inputs if kind == "i" else assembly.outputs
    if int(index) >= len(group):
        return None
    operand = group[int(index)]
    return operand.before if kind == "v" and isinstance(operand, Output) else operand.expression


def _word(word: str, assembly: Assembly) -> bytes | None:
    outputs, inputs = assembly.outputs, assembly.inputs
    if word == "zero":
        if not outputs:
            return b"__sync_synchronize()"
        return b" = ".join([*(output.expression for output in outputs), b"0"])
    if word == "address":
        indirect = "(i0)" in assembly.instructions[0]
        return None if not inputs else (b"(%s)" if indirect else b"&(%s)") % inputs[0].expression
    if inputs:  # `factor` and `input`: the input, or what an output had before
        return inputs[0].expression
    before = [output.before for output in outputs if output.before is not None]
    return before[-1] if before else None
