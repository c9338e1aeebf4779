"""Compiler options of x86 and Arm, and how build files set a variable for these machines only."""

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
ARM_FLAG = (
    rb"-m(?:(?:arch|tune|cpu)=(?:armv[4-9][\w.+-]*|cortex-[\w.+-]+|neoverse-[\w.+-]+|arm\d[\w-]*|thunderx[\w]*|"
    rb"tsv110|a64fx|apple-[\w]+)|fpu=[\w-]+|float-abi=\w+|outline-atomics|branch-protection=[\w+-]+)(?![\w.=-])"
)
"""The same for Arm; source: GCC manual, "AArch64 Options" and "ARM Options"."""


@dataclass(frozen=True, slots=True)
class Family:
    """Machines that options are for, in the words of each language of build files."""

    variable: str
    run: re.Pattern[bytes]
    """Options that follow each other."""
    quoted: re.Pattern[bytes]
    """The same, as strings of a list."""
    guard: re.Pattern[bytes]
    """What a condition, or the name of a variable, says if it is about these machines."""
    cmake: str
    make: str
    shell: str
    meson: str
    python: str


def _runs(flag: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    run = rb"(?<![\w$-])" + flag + rb"(?:[ \t]+" + flag + rb")*"
    quoted = rb"([\"'])" + flag + rb"\1(?:[ \t]*,[ \t]*([\"'])" + flag + rb"\2)*"
    return re.compile(run), re.compile(quoted)


X86 = Family(
    "X86_FLAGS",
    *_runs(FLAG),
    re.compile(rb"(?i)x86|amd64|x64|i[3-6]86|sse|avx|intel|simd"),
    "^(x86_64|amd64|AMD64|i[3-6]86)$",
    "x86_64-% amd64-% i386-% i486-% i586-% i686-%",
    "x86_64*|amd64*|i?86*",
    "'x86', 'x86_64'",
    '"x86_64", "amd64", "i386", "i686", "win32"',
)
ARM = Family(
    "ARM_FLAGS",
    *_runs(ARM_FLAG),
    re.compile(rb"(?i)arm|aarch64|neon|cortex"),
    "^(aarch64|arm.*)$",
    "aarch64-% arm-% armv7l-%",
    "aarch64*|arm*",
    "'aarch64', 'arm'",
    '"aarch64", "arm64", "armv7l", "armv6l"',
)

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
    test = f'CMAKE_SYSTEM_PROCESSOR MATCHES "{family.cmake}"'
    return f"if({test})\n{sets}endif()\n"


def _make(_text: Text, settings: Settings, family: Family) -> str:
    sets = "".join(f"{name} = {flags}\n" for name, flags in settings)
    return f"ifneq (,$(filter {family.make},$(shell $(CC) -dumpmachine)))\n{sets}endif\n"


def shell(text: Text, settings: Settings, family: Family) -> str:
    """Return lines for a shell script, or for what becomes one."""
    canonical = b"AC_CANONICAL_HOST" in text.data or b"AC_CANONICAL_TARGET" in text.data
    subject = "$host_cpu" if canonical else "`${CC:-cc} -dumpmachine`"
    empty = "".join(f"{name}=\n" for name, _ in settings)
    sets = "; ".join(f'{name}="{flags}"' for name, flags in settings)
    return f'{empty}case "{subject}" in\n  {family.shell}) {sets} ;;\nesac\n'


def _meson(_text: Text, settings: Settings, family: Family) -> str:
    test = f"host_machine.cpu_family() in [{family.meson}]"
    return "".join(f"{name.lower()} = {test} ? [{flags}] : []\n" for name, flags in settings)


def _python(text: Text, settings: Settings, family: Family) -> str:
    # Unlike platform.machine(), it names the machine that is built for in a cross build, too.
    known = re.search(
        rb"^from (?:sysconfig|distutils\.util) import get_platform\b", text.data, re.M
    )
    head = "" if known else "from sysconfig import get_platform\n"
    test = f"get_platform().endswith(({family.python}))"
    return head + "".join(
        f"{name} = [{flags}] if {test} else []\n" for name, flags in settings
    )  # fmt: skip


SYNTAXES = {
    "cmake": Syntax("${{{name}}}", _cmake),
    "make": Syntax("$({name})", _make),
    "autoconf": Syntax("${name}", shell),
    "shell": Syntax("${name}", shell),
    "meson": Syntax("{name}", _meson, is_quoted=True),
    "python": Syntax("*{name}", _python, is_quoted=True),
}
"""By language."""
