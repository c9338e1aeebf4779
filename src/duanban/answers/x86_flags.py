"""Compiler options of x86: what they look like, and how build files set a variable for x86 only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from duanban.answers.work import Text

FLAG = (
    rb"-(?:m(?:sse[\w.]*|ssse3|avx[\w.]*|fma4?|bmi2?|aes|pclmul|popcnt|f16c|lzcnt|adx|sha|rtm|rdrnd|"
    rb"rdseed|mmx|3dnow|xsave|vaes|vpclmulqdq|gfni|cx16|sahf|64|x32|no-red-zone|stackrealign|"
    rb"no-(?:sse[\w.]*|ssse3|avx[\w.]*|mmx|3dnow|80387|fma4?|bmi2?|popcnt)|"
    rb"fpmath=[\w,+]+|align-double|accumulate-outgoing-args|128bit-long-double|"
    rb"preferred-stack-boundary=\d+|incoming-stack-boundary=\d+|"
    rb"(?:arch|tune|cpu)=(?:x86-64[\w-]*|i[3-6]86|haswell|skylake[\w-]*|core2|core-avx[2i]|corei7[\w-]*|"
    rb"nehalem|westmere|sandybridge|ivybridge|broadwell|icelake[\w-]*|cascadelake|sapphirerapids|"
    rb"znver\d|k8[\w-]*|athlon[\w-]*|opteron[\w-]*|pentium[\w-]*|nocona|atom|bonnell|silvermont|amdfam10|"
    rb"barcelona|btver\d|bdver\d))|fcf-protection(?:=\w+)?)(?![\w.=-])"
)
"""One option; sources: GCC manual, "x86 Options" and "Instrumentation Options"."""
RUN = re.compile(rb"(?<![\w$-])" + FLAG + rb"(?:[ \t]+" + FLAG + rb")*")
"""Options that follow each other."""
QUOTED = re.compile(rb"([\"'])" + FLAG + rb"\1(?:[ \t]*,[ \t]*([\"'])" + FLAG + rb"\2)*")
"""The same, as strings of a list."""

Settings = Sequence[tuple[str, str]]
"""Variables and the options that each holds."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a language of build files says it."""

    use: str
    """Stands in place of the options; `{name}` is the variable."""
    setting: Callable[[Text, Settings], str]
    """Gives the lines before the statement that set the variables."""
    pattern: re.Pattern[bytes] = RUN


def _cmake(_text: Text, settings: Settings) -> str:
    sets = "".join(f'  set({name} "{flags}")\n' for name, flags in settings)
    test = 'CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64|i[3-6]86)$"'
    return f"if({test})\n{sets}endif()\n"


def _make(_text: Text, settings: Settings) -> str:
    sets = "".join(f"{name} = {flags}\n" for name, flags in settings)
    machines = "x86_64-% amd64-% i386-% i486-% i586-% i686-%"
    return f"ifneq (,$(filter {machines},$(shell $(CC) -dumpmachine)))\n{sets}endif\n"


def shell(text: Text, settings: Settings) -> str:
    """Return lines for a shell script, or for what becomes one."""
    canonical = b"AC_CANONICAL_HOST" in text.data or b"AC_CANONICAL_TARGET" in text.data
    subject = "$host_cpu" if canonical else "`${CC:-cc} -dumpmachine`"
    empty = "".join(f"{name}=\n" for name, _ in settings)
    sets = "; ".join(f'{name}="{flags}"' for name, flags in settings)
    return f'{empty}case "{subject}" in\n  x86_64*|amd64*|i?86*) {sets} ;;\nesac\n'


def _meson(_text: Text, settings: Settings) -> str:
    test = "host_machine.cpu_family() in ['x86', 'x86_64']"
    return "".join(f"{name.lower()} = {test} ? [{flags}] : []\n" for name, flags in settings)


def _python(text: Text, settings: Settings) -> str:
    # Unlike platform.machine(), it names the machine that is built for in a cross build, too.
    known = re.search(
        rb"^from (?:sysconfig|distutils\.util) import get_platform\b", text.data, re.M
    )
    head = "" if known else "from sysconfig import get_platform\n"
    test = 'get_platform().endswith(("x86_64", "amd64", "i386", "i686", "win32"))'
    return head + "".join(
        f"{name} = [{flags}] if {test} else []\n" for name, flags in settings
    )  # fmt: skip


SYNTAXES = {
    "cmake": Syntax("${{{name}}}", _cmake),
    "make": Syntax("$({name})", _make),
    "autoconf": Syntax("${name}", shell),
    "shell": Syntax("${name}", shell),
    "meson": Syntax("{name}", _meson, QUOTED),
    "python": Syntax("*{name}", _python, QUOTED),
}
"""By language."""
