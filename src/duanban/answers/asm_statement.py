"""An inline assembly statement of x86 taken apart: instructions and operands.

Instructions are written in one form, whatever form the source has: `lock xaddl o0,o1`, where
`o0` is the first output and `i0` the first input that is not tied to an output. A register that
an operand is bound to by its constraint is written as that operand.

Source: GCC manual, "Extended Asm", "Simple Constraints", "x86 Operand Modifiers".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from duanban.scan.readers import AsmStatement, CSource

_REGISTERS = {
    "a": "al ah ax eax rax", "b": "bl bh bx ebx rbx", "c": "cl ch cx ecx rcx",
    "d": "dl dh dx edx rdx", "S": "sil si esi rsi", "D": "dil di edi rdi",
}  # fmt: skip
"""Constraint to the names of the register that it stands for."""
_OF_REGISTER = {name: letter for letter, names in _REGISTERS.items() for name in names.split()}
_LITERAL = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(\r?\n|.)", re.DOTALL)
_OPERAND = re.compile(
    rb'\s*(?:\[\s*(\w+)\s*\]\s*)?((?:(?:"(?:[^"\\]|\\.)*"|[A-Z_][A-Z0-9_]*)\s*)+)\((.*)\)\s*\Z',
    re.DOTALL,
)
_SPLICE = re.compile(rb"\\[ \t\r]*\n")
_REFERENCE = re.compile(r"%([a-zA-Z]?)(?:([0-9]+)|\[(\w+)\])")
_CONDITION = re.compile(r"\.(?:ifn?c\b.*|else|endif)")
"""What an assembler decides; the branches of such forms only save a register or do not."""
_BYTES = {"0f31": "rdtsc", "0fa2": "cpuid", "f390": "pause", "0f01d0": "xgetbv", "0f0b": "ud2"}
"""Instructions that are given as bytes, for assemblers that do not know them."""
_PREFIXES = {"lock", "rep", "repe", "repz", "repne", "repnz"}
_OF_X86 = re.compile(r"[=+&%]*[aAbcdDSQqxyYtuf]+")
"""Constraints that name registers of x86."""


class UnreadableError(ValueError):
    """The statement has a form that is not taken apart; the text says which."""


@dataclass(frozen=True, slots=True)
class Operand:
    """An output or an input."""

    name: str
    constraint: str
    """Letters only, without `=`, `+`, `&`, `%`."""
    expression: bytes


@dataclass(frozen=True, slots=True)
class Output(Operand):
    """An output, and the value that it has before, if it has one."""

    before: bytes | None


@dataclass(frozen=True, slots=True)
class Assembly:
    """A statement taken apart."""

    instructions: tuple[str, ...]
    outputs: tuple[Output, ...]
    inputs: tuple[Operand, ...]
    """Those that are not tied to an output."""
    clobbers: tuple[str, ...]


def read_assembly(source: CSource, data: bytes, statement: AsmStatement) -> Assembly:
    """Return a statement of the file `data` taken apart.

    Raises:
        UnreadableError: it has a form that is not known.
    """
    code = source.code[statement.start : statement.end]
    opening = code.find(b"(")
    if opening < 0 or not code.endswith(b")") or b"goto" in code[:opening]:
        raise UnreadableError("assembly that is not of the form asm(...)")
    # The view of the code has comments and contents of strings blanked: marks are all real.
    parts = _split(code[opening + 1 : -1], b":")
    begin = statement.start + opening + 1
    sections: list[bytes] = []
    for part in parts:
        sections.append(_without_comments(code, data, statement.start, begin, len(part)))
        begin += len(part) + 1
    template = _template(sections[0])
    given = [_operands(section) for section in sections[1:3]] + [[], []]
    outputs, inputs = _tied(given[0], given[1])
    clobbers = tuple(m[1].decode("latin-1") for s in sections[3:4] for m in _LITERAL.finditer(s))
    renamer = _Renamer(given[0], given[1], outputs, inputs)
    return Assembly(tuple(renamer.instructions(template)), outputs, inputs, clobbers)


def is_portable(assembly: Assembly) -> bool:
    """Return whether the statement has no instruction and no constraint of x86."""
    operands = (*assembly.outputs, *assembly.inputs)
    return not assembly.instructions and not any(
        _OF_X86.fullmatch(operand.constraint) for operand in operands
    )


def _without_comments(code: bytes, data: bytes, base: int, begin: int, length: int) -> bytes:
    """Return bytes of the file with comments blanked and strings kept."""
    seen = code[begin - base : begin - base + length]
    raw = data[begin : begin + length]
    out = bytearray(seen)
    inside = False
    for index, byte in enumerate(seen):
        if byte == 0x22:
            inside = not inside
        elif inside:
            out[index] = raw[index]
    return _SPLICE.sub(lambda match: b" " * len(match[0]), bytes(out))


def _split(code: bytes, mark: bytes) -> list[bytes]:
    """Split at marks that stand in no parentheses, brackets or strings."""
    parts: list[bytes] = []
    level = start = 0
    quoted = False
    for index in range(len(code)):
        byte = code[index : index + 1]
        if byte == b'"':
            quoted = not quoted
        elif quoted:
            continue
        elif byte in b"([{":
            level += 1
        elif byte in b")]}":
            level -= 1
        elif byte == mark and not level:
            parts.append(code[start:index])
            start = index + 1
    return [*parts, code[start:]]


def _template(section: bytes) -> str:
    between = _LITERAL.sub(b" ", section).strip()
    text = _LITERAL.sub(lambda m: _unescape(m[1]), section)
    if between:
        words = between.split()
        if any(not re.fullmatch(rb"\w*LOCK\w*", word) for word in words):
            raise UnreadableError("macros among the instructions")
        for word in words:
            text = text.replace(word, b"lock;")
    return re.sub(r"\s*\n\s*", "\n", text.decode("latin-1"))


def _unescape(literal: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        sign = match[1]
        if sign.endswith(b"\n"):
            return b""
        return {b"n": b"\n", b"t": b" ", b"r": b""}.get(sign, sign)

    return _ESCAPE.sub(one, literal)


def _operands(section: bytes) -> list[Operand]:
    if not section.strip():
        return []
    found = []
    for part in _split_operands(section):
        match = _OPERAND.match(part)
        if match is None:
            raise UnreadableError("operands that macros make")
        name = (match[1] or b"").decode("latin-1")
        constraint = b"".join(m[1] for m in _LITERAL.finditer(match[2])).decode("latin-1")
        found.append(Operand(name, constraint, match[3].strip()))
    return found


def _split_operands(section: bytes) -> list[bytes]:
    return _split(section, b",")


def _tied(
    outputs: list[Operand], inputs: list[Operand]
) -> tuple[tuple[Output, ...], tuple[Operand, ...]]:
    """Return outputs with the values they have before, and the inputs that are left."""
    before: dict[int, bytes] = {}
    left: list[Operand] = []
    for operand in inputs:
        tied = _tied_to(operand, outputs)
        if tied is None:
            left.append(Operand(operand.name, operand.constraint.lstrip("%"), operand.expression))
        else:
            before[tied] = operand.expression
    result = []
    for index, operand in enumerate(outputs):
        plain = operand.constraint.strip().lstrip("=+&%")
        own = operand.expression if operand.constraint.startswith("+") else None
        result.append(Output(operand.name, plain, operand.expression, before.get(index, own)))
    return tuple(result), tuple(left)


def _tied_to(operand: Operand, outputs: list[Operand]) -> int | None:
    constraint = operand.constraint.strip().lstrip("%")
    if constraint.isdigit() and int(constraint) < len(outputs):
        return int(constraint)
    for index, output in enumerate(outputs):
        if constraint.startswith("[") and constraint == f"[{output.name}]":
            return index
        letter = output.constraint.strip().lstrip("=+&%")
        if constraint in _REGISTERS and letter == constraint:
            return index
        # `"+m" (x) : "m" (x)` is one operand written twice.
        if letter == constraint == "m" and output.expression == operand.expression:
            return index
    return None


class _Renamer:
    """Writes the template's operands in one form."""

    def __init__(
        self,
        outputs: list[Operand],
        inputs: list[Operand],
        named: tuple[Output, ...],
        left: tuple[Operand, ...],
    ) -> None:
        self._tokens = [f"o{index}" for index in range(len(outputs))]
        count = 0
        for operand in inputs:
            tied = _tied_to(operand, outputs)
            if tied is None:
                self._tokens.append(f"i{count}")
                count += 1
            else:
                self._tokens.append(f"o{tied}")
        self._names = {
            operand.name: token
            for operand, token in zip([*outputs, *inputs], self._tokens, strict=True)
            if operand.name
        }
        self._bound = {
            operand.constraint: f"{kind}{index}"
            for kind, group in (("i", left), ("o", named))
            for index, operand in enumerate(group)
            if operand.constraint in _REGISTERS
        }

    def instructions(self, template: str) -> list[str]:
        found: list[str] = []
        prefix = ""
        for piece in re.split(r"[\n;]", template):
            words = piece.split("#")[0].split()
            while words and words[0].lower() in _PREFIXES:
                prefix += words.pop(0).lower() + " "
            if not words or _CONDITION.fullmatch(" ".join(words)):
                continue
            text = self._instruction(" ".join(words))
            found.append(prefix + text)
            prefix = ""
        return [*found, prefix.strip()] if prefix else found

    def _instruction(self, text: str) -> str:
        if text.startswith(".byte "):
            given = re.sub(r"0x|[^0-9a-fA-F]", "", text[len(".byte ") :]).lower()
            text = _BYTES.get(given, text)
        if any(mark in text for mark in "{|}@") or text.startswith(".") or text.endswith(":"):
            raise UnreadableError("labels, directives or two dialects among the instructions")
        mnemonic, _, rest = text.partition(" ")
        rest = re.sub(r"\s+", "", rest)
        rest = _REFERENCE.sub(self._reference, rest)
        rest = re.sub(r"%+([a-zA-Z]\w*)", self._register, rest)
        return f"{mnemonic.lower()} {rest}".strip()

    def _reference(self, match: re.Match[str]) -> str:
        modifier, number, name = match.groups()
        if modifier and modifier not in "bwkqlc":
            raise UnreadableError(f"an operand written as %{modifier}")
        if name is not None:
            if name not in self._names:
                raise UnreadableError(f"an operand [{name}] that is not there")
            return self._names[name]
        if int(number) >= len(self._tokens):
            raise UnreadableError(f"an operand %{number} that is not there")
        return self._tokens[int(number)]

    def _register(self, match: re.Match[str]) -> str:
        name = match[1].lower()
        letter = _OF_REGISTER.get(name, "")
        if name in ("ah", "bh", "ch", "dh"):
            return name
        return self._bound.get(letter, name)
