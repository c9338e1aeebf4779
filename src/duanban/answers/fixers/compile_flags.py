"""Compiler options of x86 or Arm in build files → a variable that is empty for other machines.

`set(CMAKE_C_FLAGS "-O2 -msse4.2")` becomes `"-O2 ${X86_FLAGS}"`, and `X86_FLAGS` is set before it
where CMAKE_SYSTEM_PROCESSOR is x86. Make asks `$(CC) -dumpmachine`, configure scripts `$host_cpu`
or the compiler, Meson `host_machine`, setup.py `sysconfig.get_platform()`, which are all about the
machine that is built for. A Makefile.am gets the variable from its configure.ac; lines of cgo and
Cargo's configuration are parted. Where the options are only tested, or the line already stands
under a condition for the machine, nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename, dirname

from duanban.answers.build_text import (
    before_output,
    is_balanced,
    outside_strings,
    setting_line,
    statement,
)
from duanban.answers.guarded import is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.language_flags import cargo_edits, cgo_edits
from duanban.answers.machine_flags import ARM, SYNTAXES, X86, Family, Syntax, shell
from duanban.answers.work import Text, Work

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
_ASSIGNED = re.compile(rb"^[ \t]*(?:set[ \t]*\([ \t]*)?(\w+)[ \t]*[+:?]?=?")
AUTOMAKE = ".am"
CONFIGURE = ("configure.ac", "configure.in")
PARTED = {"go": cgo_edits, "toml": cargo_edits}
"""Languages whose options are moved instead: `language_flags.py`."""
VECTORS = ("chip.intrinsics.x86*", "chip.headers.missing")
MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
_RECIPE = re.compile(rb"^[^\t#\n:=][^:=\n]*:(?!=)([^\n=]*)\n((?:\t[^\n]*\n?)+)", re.MULTILINE)
"""A rule of make with its prerequisites and its recipe."""
WHY = "gives compiler options of a machine to compilers for that machine only"
RERUN = "configure and Makefile.in are made anew from configure.ac and Makefile.am (autoreconf)"


class CompileFlags:
    """See the module."""

    name = "compile-flags"
    title = "compiler options of x86 or Arm are given for these only"
    rules = (
        "toolchain.flags.march-x86",
        "toolchain.flags.x86-simd",
        "toolchain.flags.x86-only",
        "toolchain.flags.word-size",
        "toolchain.flags.quoted-x86",
        "toolchain.flags.cgo-x86",
        "toolchain.flags.rustc-x86",
        "toolchain.flags.march-arm",
    )

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per build file."""
        substituted: dict[str, dict[str, str]] = {}
        found = {text.path: (text, ids) for text, ids in work.files(self.rules)}
        for text in _with_recipes(work):
            found.setdefault(text.path, (text, ()))
        for text, ids in found.values():
            syntax = SYNTAXES.get(text.language)
            if text.language in PARTED:
                edits = tuple(PARTED[text.language](text))
                if edits:
                    yield Change(self.name, text.path, edits, WHY, (), ids)
            elif syntax is None:
                reason = f"options in files of the kind {text.language} are not changed"
                yield Refusal(self.name, text.path, 1, reason, ids)
            elif text.path.endswith(AUTOMAKE):
                yield from self._automake(work, text, ids, syntax, substituted)
            else:
                yield self._plain(text, ids, syntax)
        for path, names in substituted.items():
            script = work.text(path)
            if script is not None:
                yield self._substitution(script, names)

    def _plain(self, text: Text, ids: tuple[str, ...], syntax: Syntax) -> Outcome:
        edits: list[Edit] = []
        for family in (X86, ARM):
            names: dict[str, str] = {}
            edits += _uses(text, syntax, family, names, {})
            edits += _settings(text, syntax, family, names)
        if not edits:
            reason = "options that a variable cannot stand for"
            return Refusal(self.name, text.path, 1, reason, ids)
        return Change(self.name, text.path, tuple(edits), WHY, (), ids)

    def _automake(
        self,
        work: Work,
        text: Text,
        ids: tuple[str, ...],
        syntax: Syntax,
        substituted: dict[str, dict[str, str]],
    ) -> Iterator[Outcome]:
        path = _script_of(work, text.path)
        script = work.text(path) if path else None
        if script is None or before_output(script) < 0:
            reason = "no configure.ac above it that could set a variable"
            yield Refusal(self.name, text.path, 1, reason, ids)
            return
        names: dict[str, str] = {}
        edits = tuple(_uses(text, syntax, X86, names, substituted.get(path, {})))
        if not edits:
            reason = "options that a variable cannot stand for"
            yield Refusal(self.name, text.path, 1, reason, ids)
            return
        substituted.setdefault(path, {}).update(names)
        yield Change(self.name, text.path, edits, WHY, (RERUN,), ids)

    def _substitution(self, script: Text, names: Mapping[str, str]) -> Change:
        """Return what makes configure set the variables that files of automake use."""
        at = before_output(script)
        lines = shell(script, [(name, flags) for flags, name in names.items()], X86)
        lines += "".join(f"AC_SUBST([{name}])\n" for name in names.values())
        why = "sets the options that are for x86 only"
        return Change(
            self.name, script.path, (Edit(at, at, lines.encode("latin-1")),), why, (RERUN,)
        )


def _with_recipes(work: Work) -> Iterator[Text]:
    """Yield makefiles whose recipes give options of x86 to files that the target now compiles.

    No rule is about a recipe for one file, which something chose; here the file was chosen.
    """
    names = {basename(f.path).encode() for f in work.findings(VECTORS)}
    for path in work.paths if names else ():
        text = work.text(path) if basename(path) in MAKEFILES else None
        for rule in _RECIPE.finditer(text.data) if text is not None else ():
            wanted = names & {basename(word.decode("latin-1")).encode() for word in rule[1].split()}
            if text is not None and wanted and X86.run.search(rule[2]):
                yield text
                break


def _script_of(work: Work, path: str) -> str:
    """Return the configure.ac that a Makefile.am belongs to: the nearest above it."""
    place = dirname(path)
    while True:
        for name in CONFIGURE:
            candidate = f"{place}/{name}".lstrip("/")
            if work.text(candidate) is not None:
                return candidate
        if not place:
            return ""
        place = dirname(place)


def _uses(
    text: Text,
    syntax: Syntax,
    family: Family,
    names: dict[str, str],
    others: Mapping[str, str],
) -> Iterator[Edit]:
    """Yield the edits that put variables in place of options, and fill `names`: options to name."""
    for match in syntax.pattern(family).finditer(text.data):
        if not _is_given(text, family, match, text.line(match.start())):
            continue
        flags = match[0].decode("latin-1")
        if flags not in names:
            names[flags] = others.get(flags) or _name(text, family, len({**others, **names}))
        name = names[flags].lower() if text.language == "meson" else names[flags]
        yield _use(text, match, syntax.use.format(name=name))


def _settings(
    text: Text, syntax: Syntax, family: Family, names: Mapping[str, str]
) -> Iterator[Edit]:
    """Yield the edits that set the variables before their first use.

    A function of the shell does not see what another one sets before it is called, so there a
    variable is set before each use.
    """
    settings: dict[int, list[tuple[str, str]]] = {}
    done: set[str] = set()
    for match in syntax.pattern(family).finditer(text.data):
        line = text.line(match.start())
        flags = match[0].decode("latin-1")
        if not _is_given(text, family, match, line) or (flags in done and text.language != "shell"):
            continue
        done.add(flags)
        first = setting_line(text, line)
        if text.language == "python":
            first = min([first, *settings])
        wanted = settings.setdefault(first, [])
        wanted += [] if (names[flags], flags) in wanted else [(names[flags], flags)]
    for first, wanted in settings.items():
        margin = re.match(rb"[ \t]*", text.span(first, first))
        blanks = margin[0] if margin and text.language not in ("make", "python") else b""
        lines = syntax.setting(text, wanted, family).encode("latin-1").splitlines(keepends=True)
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


def _name(text: Text, family: Family, index: int) -> str:
    name = family.words.variable
    while name.encode() in text.data:
        name = f"DUANBAN_{name}"
    return name if not index else f"{name}_{index + 1}"


def _is_given(text: Text, family: Family, match: re.Match[bytes], line: int) -> bool:
    """Return whether the options are handed to a compiler here, whatever the machine."""
    before = text.data[text.start(line) : match.start()]
    if re.match(rb"[ \t]*(?:#|dnl\b)", before) or b"#" in outside_strings(before):
        return False
    if not is_live(text, line) or family.guard.search(text.guard(line).encode()):
        return False
    assigned = _ASSIGNED.match(text.span(line, line))
    if assigned and family.guard.search(assigned[1]):
        return False  # whoever uses the variable knows
    return not _is_tested(text, match, line, before)


def _is_tested(text: Text, match: re.Match[bytes], line: int, before: bytes) -> bool:
    """Return whether a command looks whether the compiler takes the options."""
    if text.language in ("meson", "python"):
        opened = text.data[max(0, match.start() - 300) : match.start()]
        opening = re.search(rb"(\w[\w.]*)\s*\(\s*\[?[^()]*\Z", opened)
        return opening is not None and _TESTED.search(opening[1]) is not None
    if text.language == "autoconf" and not is_balanced(text, line):
        return True  # besides, the `)` of a case would end the macro's argument
    if text.language == "cmake":
        command = text.span(statement(text, line), line).lstrip()
        return _GIVEN_BY.match(command) is None
    return _TESTED.search(before) is not None
