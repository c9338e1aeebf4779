"""Compiler options of x86 and Arm, and how build files set a variable for these machines only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import msgspec

from duanban.answers.work import Text


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family as `machine_flags.toml` has it."""

    variable: str
    options: tuple[str, ...]
    processors: tuple[str, ...]
    guard: str
    cmake: str
    make: str
    shell: str
    meson: str
    python: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Machines that options are for, in the words of each language of build files."""

    processors: bytes
    """Names of processors, as one expression."""
    run: re.Pattern[bytes]
    """Options that follow each other, with blanks or as a list of CMake."""
    quoted: re.Pattern[bytes]
    """The same, as strings of a list."""
    guard: re.Pattern[bytes]
    """What a condition, or the name of a variable, says if it is about these machines."""
    words: _Words


def _family(words: _Words) -> Family:
    processors = "|".join(words.processors)
    options = "|".join((*words.options, f"m(?:arch|tune|cpu)=(?:{processors})"))
    flag = rf"-(?:{options})(?![\w.=-])".encode()
    run = rb"(?<![\w$-])" + flag + rb"(?:(?:[ \t]+|;)" + flag + rb")*"
    quoted = rb"([\"'])" + flag + rb"\1(?:[ \t]*,[ \t]*([\"'])" + flag + rb"\2)*"
    return Family(
        processors.encode(),
        re.compile(run),
        re.compile(quoted),
        re.compile(words.guard.encode()),
        words,
    )


_TABLE = msgspec.toml.decode(
    files(__package__).joinpath("machine_flags.toml").read_bytes(), type=dict[str, _Words]
)
X86, ARM = _family(_TABLE["x86"]), _family(_TABLE["arm"])

Settings = Sequence[tuple[str, str]]
"""Variables and the options that each holds."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a language of build files says it."""

    use: str
    """Stands in place of the options; `{name}` is the variable."""
    setting: Callable[[Text, Settings, Family], str]
    """Gives the lines before the statement that set the variables."""
    is_quoted: bool = False
    """Options are strings of a list."""

    def pattern(self, family: Family) -> re.Pattern[bytes]:
        """Return what finds options for these machines."""
        return family.quoted if self.is_quoted else family.run


def _cmake(_text: Text, settings: Settings, family: Family) -> str:
    sets = "".join(f'  set({name} "{flags}")\n' for name, flags in settings)
    test = f'CMAKE_SYSTEM_PROCESSOR MATCHES "{family.words.cmake}"'
    return f"if({test})\n{sets}endif()\n"


def _make(_text: Text, settings: Settings, family: Family) -> str:
    sets = "".join(f"{name} = {flags}\n" for name, flags in settings)
    return f"ifneq (,$(filter {family.words.make},$(shell $(CC) -dumpmachine)))\n{sets}endif\n"


def shell(text: Text, settings: Settings, family: Family) -> str:
    """Return lines for a shell script, or for what becomes one."""
    canonical = b"AC_CANONICAL_HOST" in text.data or b"AC_CANONICAL_TARGET" in text.data
    subject = "$host_cpu" if canonical else "`${CC:-cc} -dumpmachine`"
    empty = "".join(f"{name}=\n" for name, _ in settings)
    sets = "; ".join(f'{name}="{flags}"' for name, flags in settings)
    return f'{empty}case "{subject}" in\n  {family.words.shell}) {sets} ;;\nesac\n'


def _meson(_text: Text, settings: Settings, family: Family) -> str:
    test = f"host_machine.cpu_family() in [{family.words.meson}]"
    return "".join(f"{name.lower()} = {test} ? [{flags}] : []\n" for name, flags in settings)


def platform_import(text: Text) -> str:
    """Return the line that imports `get_platform`, where a setup.py does not yet.

    Unlike platform.machine(), it names the machine that is built for in a cross build, too.
    """
    known = re.search(
        rb"^from (?:sysconfig|distutils\.util) import get_platform\b", text.data, re.M
    )
    return "" if known else "from sysconfig import get_platform\n"


def _python(text: Text, settings: Settings, family: Family) -> str:
    test = f"get_platform().endswith(({family.words.python}))"
    return platform_import(text) + "".join(
        f"{name} = [{flags}] if {test} else []\n" for name, flags in settings
    )


SYNTAXES = {
    "cmake": Syntax("${{{name}}}", _cmake),
    "make": Syntax("$({name})", _make),
    "autoconf": Syntax("${name}", shell),
    "shell": Syntax("${name}", shell),
    "meson": Syntax("{name}", _meson, is_quoted=True),
    "python": Syntax("*{name}", _python, is_quoted=True),
}
"""By language."""
