"""Reads the part of YAML that lock files are written in, in linear time and without surprises.

Block mappings and sequences, flow collections on one line, quoted, plain and block scalars, `? key`
for long keys. Of plain scalars only true, false and null are anything but text. Anchors, aliases,
tags and several documents are refused: no lock file has them, and they are what hostile YAML is
made of. Source: YAML 1.2.2, https://yaml.org/spec/1.2.2/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from duanban.inventory.parse import DamagedError

_DEEPEST = 40
_KEY = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+')[ ]*:(?:[ ]+|\Z)"""
    r"""|(?P<plain>[^\s\[\]{}#&*!|>'"%@`,][^#]*?):(?:[ ]+|\Z)"""
)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*+)"\s*(?:#.*)?\Z')
_SINGLE = re.compile(r"'((?:[^']|'')*+)'\s*(?:#.*)?\Z")
_FLOW = re.compile(
    r"""\s*(?P<mark>[\[\]{},]|:(?=\s|[\[{"']|\Z))|\s*(?P<double>"(?:[^"\\]|\\.)*+")"""
    r"""|\s*(?P<single>'(?:[^']|'')*+')|\s*(?P<plain>[^\s\[\]{},'"](?:[^\[\]{},:]|:(?!\s))*)"""
)
_BLOCK_SCALAR = re.compile(r"[|>][-+]?[0-9]?[-+]?\s*(?:#.*)?\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def load_yaml(data: bytes) -> Mapping[str, Any]:
    """Return the mapping in `data`.

    Raises:
        DamagedError: it is not in the part of YAML that is read, or not a mapping.
    """
    reader = _Reader(data.decode("utf-8-sig", "replace").split("\n"))
    value = reader.document()
    if not isinstance(value, dict):
        raise DamagedError("not readable: its YAML is not a mapping")
    return value


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def document(self) -> object:
        """Return the only document."""
        if self._peek() is not None and self._lines[self._at].startswith("---"):
            self._at += 1
        indent = self._peek()
        value = {} if indent is None else self._block(indent, 0)
        if self._peek() is not None:
            raise self._damaged("more than one document, or a line that is out of place")
        return value

    def _damaged(self, reason: str) -> DamagedError:
        return DamagedError(f"not readable as YAML: {reason} (line {self._at + 1})")

    def _peek(self) -> int | None:
        """Go to the next line that says something and return its indent; None at the end."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            text = line.lstrip(" ")
            if text and not text.startswith("#") and not text.isspace():
                return len(line) - len(text)
            self._at += 1
        return None

    def _block(self, indent: int, depth: int) -> object:
        if depth > _DEEPEST:
            raise self._damaged("nested too deeply")
        text = self._lines[self._at].strip()
        if text == "-" or text.startswith("- "):
            return self._sequence(indent, depth)
        return self._mapping(indent, depth)

    def _mapping(self, indent: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._peek() == indent:
            text = self._lines[self._at][indent:].rstrip()
            if text.startswith("- ") or text == "-":
                break
            if text.startswith("? "):
                key = str(self._scalar(text[2:].strip()))
                self._at += 1
                if self._peek() != indent or not self._lines[self._at][indent:].startswith(":"):
                    raise self._damaged("a long key without a value")
                rest = self._lines[self._at][indent + 1 :].strip()
                if _KEY.match(rest):  # `: first: value`, a mapping that begins on this line
                    found[key] = self._inline(indent + 2, rest, depth)
                    continue
            else:
                match = _KEY.match(text)
                if match is None:
                    raise self._damaged("neither a key nor an entry of a list")
                quoted = match["quoted"]
                key = str(self._scalar(quoted)) if quoted else match["plain"].strip()
                rest = text[match.end() :].strip()
            found[key] = self._value(rest, indent, depth)
        return found

    def _sequence(self, indent: int, depth: int) -> list[Any]:
        found: list[Any] = []
        while self._peek() == indent:
            text = self._lines[self._at][indent:].rstrip()
            if not (text.startswith("- ") or text == "-"):
                break
            rest = text[2:].strip()
            if rest.startswith("- ") or (rest and rest[0] not in "\"'[{" and _KEY.match(rest)):
                found.append(self._inline(indent + 2, rest, depth))
            else:
                found.append(self._value(rest, indent, depth))
        return found

    def _inline(self, indent: int, rest: str, depth: int) -> object:
        """Return the block that begins on this line after a mark, as if it stood on its own."""
        self._lines[self._at] = " " * indent + rest
        return self._block(indent, depth + 1)

    def _value(self, rest: str, indent: int, depth: int) -> object:
        """Return the value that follows a key or a dash; `rest` is what stands on its line."""
        self._at += 1
        if rest.startswith("#"):
            rest = ""
        if not rest:
            below = self._peek()
            if below is None or below < indent:
                return None
            if below == indent:
                text = self._lines[self._at].strip()
                entries = text.startswith("- ") or text == "-"
                return self._sequence(indent, depth + 1) if entries else None
            return self._block(below, depth + 1)
        if _BLOCK_SCALAR.match(rest):
            return self._block_scalar(indent)
        if rest[0] in "[{":
            return self._flow(rest)
        if rest[0] not in "\"'":
            while (below := self._peek()) is not None and below > indent:
                rest += " " + self._lines[self._at].strip()
                self._at += 1
        return self._scalar(rest)

    def _block_scalar(self, indent: int) -> str:
        parts = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            parts.append(line.strip())
            self._at += 1
        return "\n".join(parts).strip()

    def _scalar(self, text: str) -> str | bool | None:
        if text.startswith('"'):
            match = _DOUBLE.match(text)
            if match is None:
                raise self._damaged("a quoted text that does not end on its line")
            return _unescaped(match[1])
        if text.startswith("'"):
            match = _SINGLE.match(text)
            if match is None:
                raise self._damaged("a quoted text that does not end on its line")
            return match[1].replace("''", "'")
        if text[:1] in "&*!%@`" and text:
            raise self._damaged(f"{text[0]!r} begins something that is not read")
        plain = text.partition(" #")[0].rstrip()
        return _WORDS.get(plain, plain)

    def _flow(self, text: str) -> object:
        tokens: list[str] = []
        place = 0
        while match := _FLOW.match(text, place):
            tokens.append(match[0].strip())
            place = match.end()
        rest = text[place:].strip()
        if rest and not rest.startswith("#"):
            raise self._damaged("a list or mapping in brackets that is not read")
        tokens.reverse()
        value = self._flow_value(tokens, 0)
        if tokens:
            raise self._damaged("text after a list or mapping in brackets")
        return value

    def _flow_value(self, tokens: list[str], depth: int) -> object:
        if not tokens or depth > _DEEPEST:
            raise self._damaged("brackets that do not close on their line, or nested too deeply")
        piece = tokens.pop()
        if piece == "[":
            return self._flow_list(tokens, depth)
        if piece == "{":
            return self._flow_mapping(tokens, depth)
        if piece in ("]", "}", ",", ":"):
            raise self._damaged(f"{piece!r} out of place")
        return self._scalar(piece)

    def _flow_list(self, tokens: list[str], depth: int) -> list[Any]:
        found: list[Any] = []
        while tokens and tokens[-1] != "]":
            found.append(self._flow_value(tokens, depth + 1))
            if tokens and tokens[-1] == ",":
                tokens.pop()
        if not tokens:
            raise self._damaged("a list in brackets that does not close on its line")
        tokens.pop()
        return found

    def _flow_mapping(self, tokens: list[str], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while tokens and tokens[-1] != "}":
            key = self._flow_value(tokens, depth + 1)
            value: object = None
            if tokens and tokens[-1] == ":":
                tokens.pop()
                value = self._flow_value(tokens, depth + 1)
            found[str(key)] = value
            if tokens and tokens[-1] == ",":
                tokens.pop()
        if not tokens:
            raise self._damaged("a mapping in brackets that does not close on its line")
        tokens.pop()
        return found


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:  # an escape that JSON does not have
        return text
