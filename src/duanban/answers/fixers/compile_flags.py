"""Compiler options of x86 in build files → a variable that is empty for other machines.

`set(CMAKE_C_FLAGS "-O2 -msse4.2")` becomes `"-O2 ${X86_FLAGS}"`, and `X86_FLAGS` is set before
it where CMAKE_SYSTEM_PROCESSOR is x86. Make asks `$(CC) -dumpmachine`, configure scripts
`$host_cpu` or the compiler, Meson `host_machine`, setup.py `platform.machine()`. Where the options
are only tested, or the line already stands under a condition for the machine, nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from duanban.answers.guarded import is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Text, Work

FLAG = (
    rb"-m(?:sse[\w.]*|ssse3|avx[\w.]*|fma4?|bmi2?|aes|pclmul|popcnt|f16c|lzcnt|adx|sha|rtm|rdrnd|"
    rb"rdseed|mmx|3dnow|xsave|vaes|vpclmulqdq|gfni|cx16|sahf|64|x32|no-red-zone|stackrealign|"
    rb"fpmath=[\w,+]+|align-double|accumulate-outgoing-args|128bit-long-double|"
    rb"preferred-stack-boundary=\d+|incoming-stack-boundary=\d+|"
    rb"(?:arch|tune|cpu)=(?:x86-64[\w-]*|i[3-6]86|haswell|skylake[\w-]*|core2|core-avx[2i]|corei7[\w-]*|"
    rb"nehalem|westmere|sandybridge|ivybridge|broadwell|icelake[\w-]*|cascadelake|sapphirerapids|"
    rb"znver\d|k8[\w-]*|athlon[\w-]*|opteron[\w-]*|pentium[\w-]*|nocona|atom|bonnell|silvermont|amdfam10|"
    rb"barcelona|btver\d|bdver\d))(?![\w.=-])"
)
_RUN = re.compile(rb"(?<![\w$-])" + FLAG + rb"(?:[ \t]+" + FLAG + rb")*")
_QUOTED = re.compile(rb"([\"'])" + FLAG + rb"\1(?:[ \t]*,[ \t]*([\"'])" + FLAG + rb"\2)*")
_TESTED = re.compile(
    rb"(?i)(?:check|has|try|supports?|test|accepts?|probe|detect)[a-z_]*(?:flags?|arguments?|options?|"
    rb"compile)\b|check_\w+\(|_if_supported\b|\bSTREQUAL\b|\bMATCHES\b|^[ \t]*(?:el)?(?:else)?if\b|"
    rb"supported_arguments|has_argument"
)
_GIVEN_BY = re.compile(
    rb"(?i)(?:set|list|string|add_(?:compile_options|definitions|link_options)|set_property|"
    rb"target_(?:compile_options|compile_definitions|link_options|link_libraries)|"
    rb"set_(?:target|source_files|directory)_properties)[ \t]*\("
)
"""Commands of CMake that hand options on as they are."""
_OF_X86 = re.compile(rb"(?i)x86|amd64|x64|i[3-6]86|sse|avx|intel")
_ASSIGNED = re.compile(rb"^[ \t]*(?:set[ \t]*\([ \t]*)?(\w+)[ \t]*[+:?]?=?")


Settings = Sequence[tuple[str, str]]
"""Variables and the options that each holds."""


@dataclass(frozen=True, slots=True)
class _Syntax:
    """How a language of build files says it."""

    use: str
    """Stands in place of the options; `{name}` is the variable."""
    setting: Callable[[Text, Settings], str]
    """Gives the lines before the statement that set the variables."""
    pattern: re.Pattern[bytes] = _RUN


def _cmake(_text: Text, settings: Settings) -> str:
    sets = "".join(f'  set({name} "{flags}")\n' for name, flags in settings)
    test = 'CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64|i[3-6]86)$"'
    return f"if({test})\n{sets}endif()\n"


def _make(_text: Text, settings: Settings) -> str:
    sets = "".join(f"{name} = {flags}\n" for name, flags in settings)
    machines = "x86_64-% amd64-% i386-% i486-% i586-% i686-%"
    return f"ifneq (,$(filter {machines},$(shell $(CC) -dumpmachine)))\n{sets}endif\n"


def _shell(text: Text, settings: Settings) -> str:
    canonical = b"AC_CANONICAL_HOST" in text.data or b"AC_CANONICAL_TARGET" in text.data
    subject = "$host_cpu" if canonical else "`${CC:-cc} -dumpmachine`"
    empty = "".join(f"{name}=\n" for name, _ in settings)
    sets = "; ".join(f'{name}="{flags}"' for name, flags in settings)
    return f'{empty}case "{subject}" in\n  x86_64*|amd64*|i?86*) {sets} ;;\nesac\n'


def _meson(_text: Text, settings: Settings) -> str:
    test = "host_machine.cpu_family() in ['x86', 'x86_64']"
    return "".join(f"{name.lower()} = {test} ? [{flags}] : []\n" for name, flags in settings)


def _python(_text: Text, settings: Settings) -> str:
    test = 'platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")'
    sets = "".join(f"{name} = [{flags}] if {test} else []\n" for name, flags in settings)
    return f"import platform\n{sets}"


SYNTAXES = {
    "cmake": _Syntax("${{{name}}}", _cmake),
    "make": _Syntax("$({name})", _make),
    "autoconf": _Syntax("${name}", _shell),
    "shell": _Syntax("${name}", _shell),
    "meson": _Syntax("{name}", _meson, _QUOTED),
    "python": _Syntax("*{name}", _python, _QUOTED),
}


class CompileFlags:
    """See the module."""

    name = "compile-flags"
    title = "compiler options of x86 are given for x86 only"
    rules = (
        "toolchain.flags.march-x86",
        "toolchain.flags.x86-simd",
        "toolchain.flags.x86-only",
        "toolchain.flags.word-size",
        "toolchain.flags.quoted-x86",
    )

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per build file."""
        for text, ids in work.files(self.rules):
            syntax = SYNTAXES.get(text.language)
            if syntax is None or text.path.endswith(".am"):
                kind = "Makefile.am" if text.path.endswith(".am") else text.language
                reason = f"options in files of the kind {kind} are not changed"
                yield Refusal(self.name, text.path, 1, reason, ids)
                continue
            edits = list(_edits(text, syntax))
            if edits:
                why = "gives compiler options of x86 to compilers for x86 only"
                yield Change(self.name, text.path, tuple(edits), why, (), ids)
            else:
                yield Refusal(
                    self.name, text.path, 1, "options that a variable cannot stand for", ids
                )


def _edits(text: Text, syntax: _Syntax) -> Iterator[Edit]:
    names: dict[str, str] = {}
    settings: dict[int, list[tuple[str, str]]] = {}
    for match in syntax.pattern.finditer(text.data):
        line = text.line(match.start())
        if not _is_given(text, match, line):
            continue
        flags = match[0].decode("latin-1")
        is_new = flags not in names
        if is_new:
            names[flags] = _name(text, len(names))
        name = names[flags].lower() if text.language == "meson" else names[flags]
        first = _before(text, _statement(text, line))
        if text.language == "python":
            first = min([first, *settings])
        # A function of the shell does not see what another one sets before it is called.
        if is_new or text.language == "shell":
            wanted = settings.setdefault(first, [])
            wanted += [] if (name, flags) in wanted else [(name, flags)]
        yield _use(text, match, syntax.use.format(name=name))
    for first, wanted in settings.items():
        margin = re.match(rb"[ \t]*", text.span(first, first))
        blanks = margin[0] if margin and text.language != "make" else b""
        lines = syntax.setting(text, wanted).encode("latin-1").splitlines(keepends=True)
        at = text.start(first)
        yield Edit(at, at, b"".join(blanks + one for one in lines))


def _use(text: Text, match: re.Match[bytes], use: str) -> Edit:
    before = text.data[: match.start()]
    appended = re.search(rb"\.append\(\s*\Z", before)
    if text.language == "python" and appended:
        at = before.rindex(b".append")
        between = text.data[at + len(".append") : match.start()]
        return Edit(at, match.end(), b".extend" + between + use.lstrip("*").encode())
    return Edit(match.start(), match.end(), use.encode())


def _name(text: Text, index: int) -> str:
    name = "X86_FLAGS"
    while name.encode() in text.data:
        name = f"DUANBAN_{name}"
    return name if not index else f"{name}_{index + 1}"


def _is_given(text: Text, match: re.Match[bytes], line: int) -> bool:
    """Return whether the options are handed to a compiler here, whatever the machine."""
    before = text.data[text.start(line) : match.start()]
    if re.match(rb"[ \t]*(?:#|dnl\b)", before) or b"#" in _outside_strings(before):
        return False
    if not is_live(text, line) or _OF_X86.search(text.guard(line).encode()):
        return False
    assigned = _ASSIGNED.match(text.span(line, line))
    if assigned and re.search(rb"(?i)sse|avx|x86|simd|amd64|i[3-6]86", assigned[1]):
        return False  # whoever uses the variable knows
    return not _is_tested(text, match, line, before)


def _is_tested(text: Text, match: re.Match[bytes], line: int, before: bytes) -> bool:
    """Return whether a command looks whether the compiler takes the options."""
    if text.language in ("meson", "python"):
        statement = text.data[max(0, match.start() - 300) : match.start()]
        opening = re.search(rb"(\w[\w.]*)\s*\(\s*\[?[^()]*\Z", statement)
        return opening is not None and _TESTED.search(opening[1]) is not None
    if text.language == "autoconf" and not _is_balanced(text, line):
        return True  # besides, the `)` of a case would end the macro's argument
    if text.language == "cmake":
        command = text.span(_statement(text, line), line).lstrip()
        return _GIVEN_BY.match(command) is None
    return _TESTED.search(before) is not None


def _outside_strings(code: bytes) -> bytes:
    return re.sub(rb"\"[^\"\n]*\"|'[^'\n]*'|\$[{(]?#|\\#", b"", code)


def _statement(text: Text, line: int) -> int:
    """Return the first line of the statement, or of the rule, that a line belongs to."""
    while line > 1:
        above = text.span(line - 1, line - 1).rstrip()
        here = text.span(line, line)
        continues = above.endswith(b"\\")
        if text.language == "make":
            continues = continues or here.startswith(b"\t")
        elif text.language in ("cmake", "meson", "python"):
            continues = continues or not _is_balanced(text, line)
        if not continues:
            break
        line -= 1
    return line


def _is_balanced(text: Text, line: int) -> bool:
    """Return whether no parenthesis or bracket is open where a line begins."""
    first = max(1, line - 60)
    depth = 0
    for number in range(line - 1, first - 1, -1):
        code = re.sub(rb"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*", b"", text.span(number, number))
        for sign in reversed(code):
            depth += (sign in b")]") - (sign in b"([")
            if depth < 0:
                return False
        if not depth and code.strip() and not code[:1].isspace():
            return True
    return True


def _before(text: Text, line: int) -> int:
    """Return where a setting goes: before the statement, in Python outside of any block."""
    if text.language != "python":
        return line
    while line > 1 and text.span(line, line)[:1] in (b" ", b"\t", b"\n", b"#"):
        line -= 1
    return line
