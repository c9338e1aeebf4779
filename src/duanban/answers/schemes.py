"""Names of machines in the scheme, the case and the prefix that a text uses for others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from duanban.answers.naming import AUDIT_NAMES, ELF_NAMES, relatives
from duanban.scan.build.names import Mention, mentions
from duanban.targets.architectures import architecture

_SHORT = ("debian", "go", "npm", "oci", "java")
_LONG = ("gnu", "linux", "rpm", "rust", "meson", "java")
_WHOLE = re.compile(rb"\b(EM|R|AUDIT_ARCH)_(\w+)")
_CASED = {"Riscv64": "RiscV64"}


@dataclass(frozen=True, slots=True)
class Renamed:
    """A piece of text that speaks of one machine, once it speaks of the target."""

    machine: str
    """GNU name of the machine that it was about."""
    text: bytes
    names: tuple[str, ...]
    """The target's names that it has now."""


def renamed(text: bytes, target: str, first: str = "") -> Renamed | None:
    """Return a piece of text as it is for the target.

    None where it does not speak of exactly one machine of the target's width and byte order, or a
    name has no counterpart.

    Args:
        text: a piece of text.
        target: GNU name of the target.
        first: scheme that a name is taken for if it is in it, before all others.
    """
    like = {*relatives(target)}
    found = list(mentions(text))
    machines = {m for mention in found for m in mention.machine.serves & like}
    others = [mention for mention in found if not mention.machine.serves & like]
    if len(machines) != 1 or others:
        return None
    machine = machines.pop()
    parts: list[bytes] = []
    names: list[str] = []
    done = 0
    for mention in found:
        start = mention.start
        whole = next((m for m in _WHOLE.finditer(text) if m.start(2) <= start < m.end()), None)
        name = (
            _elf(whole, machine, target)
            if whole
            else _named(text, mention, (machine, target), first)
        )
        if not name:
            return None
        end = whole.end() if whole else mention.end
        start = whole.start(2) if whole else start
        parts += (text[done:start], name.encode())
        names.append(name)
        done = end
    return Renamed(machine, b"".join((*parts, text[done:])), tuple(names))


def _elf(match: re.Match[bytes], machine: str, target: str) -> str:
    names = AUDIT_NAMES if match[1] == b"AUDIT_ARCH" else ELF_NAMES
    return names[target] if match[2].decode("latin-1") == names[machine] else ""


def _named(text: bytes, mention: Mention, machines: tuple[str, str], first: str) -> str:
    """Return the target's name in the scheme and case of a mention; empty if there is none."""
    own, other = (architecture(machine).names for machine in machines)
    schemes = _LONG if any(mention.word in own.get(s, ()) for s in _LONG[:4]) else _SHORT
    schemes = (first, *schemes)
    fitting = [s for s in schemes if mention.word in own.get(s, ()) and s in other]
    if not fitting:
        return ""
    name = other[fitting[0]][0]
    written = text[mention.start : mention.end].decode("latin-1")
    if written.islower():
        return name
    if written.isupper():
        return name.upper()
    return _CASED.get(name.title(), name.title()) if written == written.title() else ""
