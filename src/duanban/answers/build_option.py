"""An option that a project's build gives when it is made for the target only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname

from duanban.answers.build_text import before_output, setting_line, statement
from duanban.answers.interface import Edit
from duanban.answers.python_option import EXTENSION, extension_edits
from duanban.answers.work import Text, Work

_PROJECT = re.compile(rb"^[ \t]*project[ \t]*\(", re.MULTILINE | re.IGNORECASE)
_LANGUAGE = re.compile(rb"'(c|cpp)'")


@dataclass(frozen=True, slots=True)
class Option:
    """What is given."""

    text: str
    variables: tuple[str, ...]
    """Of make and configure, the likelier first; compilers or linkers get what is in them."""
    command: str
    """CMake's command that gives it."""
    argument: str
    """What that command takes."""
    function: str
    """Meson's function that gives it."""
    extension: str
    """Argument of Python's extension modules that takes it."""


def compile_option(text: str) -> Option:
    """Return an option for compilers."""
    variables = ("CFLAGS", "CXXFLAGS", "CPPFLAGS", "COPTS", "CCFLAGS")
    return Option(
        text, variables, "add_compile_options", text, "add_project_arguments", "extra_compile_args"
    )


def link_option(library: str) -> Option:
    """Return the option for the linker that adds a library."""
    variables = ("LDLIBS", "LIBS", "LIB", "LDFLAGS", "LFLAGS", "LINKFLAGS")
    return Option(
        f"-l{library}",
        variables,
        "link_libraries",
        library,
        "add_project_link_arguments",
        "extra_link_args",
    )


def build_files(work: Work, source: str) -> Iterator[Text]:
    """Yield the build files that a source is built by: those in the highest directory above it."""
    place = dirname(source)
    places = [""]
    for part in place.split("/") if place else []:
        places.append(f"{places[-1]}/{part}".lstrip("/"))
    for one in places:
        texts = [work.text(f"{one}/{name}".lstrip("/")) for name in _NAMES]
        found = [text for text in texts if text and _builds(text)]
        if found:
            own = [text for text in found if text.language != "make"]
            yield from own or found
            return


def _builds(text: Text) -> bool:
    return text.language != "python" or EXTENSION in text.data


_NAMES = (
    "CMakeLists.txt", "meson.build", "configure.ac", "configure.in",
    "setup.py", "Makefile", "makefile", "GNUmakefile",
)  # fmt: skip


def is_given(text: Text, option: Option) -> bool:
    """Return whether a build file gives an option already, on whatever condition."""
    call = f"{option.command}({option.argument})"
    return option.text.encode() in text.data or call.encode() in text.data


def option_edits(text: Text, machine: str, option: Option) -> list[Edit]:
    """Return the edits that give an option where the build is for a machine; none if no place."""
    if is_given(text, option):
        return []
    return _PLACES[text.language](text, machine, option) if text.language in _PLACES else []


def _behind_project(text: Text) -> int:
    match = _PROJECT.search(text.data)
    if match is None:
        return -1
    line = text.line(match.start()) + 1
    while line <= len(text.lines) and statement(text, line) < line:
        line += 1
    return text.start(line)


def _cmake(text: Text, machine: str, option: Option) -> list[Edit]:
    at = _behind_project(text)
    test = f'CMAKE_SYSTEM_PROCESSOR STREQUAL "{machine}"'
    lines = f"if({test})\n  {option.command}({option.argument})\nendif()\n"
    return [Edit(at, at, lines.encode())] if at >= 0 else []


def _meson(text: Text, machine: str, option: Option) -> list[Edit]:
    at = _behind_project(text)
    if at < 0:
        return []
    languages = sorted(set(_LANGUAGE.findall(text.data[:at])))
    names = ", ".join(f"'{name.decode()}'" for name in languages)
    call = f"{option.function}('{option.text}', language: [{names}])"
    lines = f"if host_machine.cpu_family() == '{machine}'\n  {call}\nendif\n"
    return [Edit(at, at, lines.encode())] if languages else []


def _autoconf(text: Text, machine: str, option: Option) -> list[Edit]:
    at = before_output(text)
    names = ("LIBS",) if option.text.startswith("-l") else ("CFLAGS", "CXXFLAGS")
    sets = "; ".join(f'{name}="${name} {option.text}"' for name in names)
    lines = f'case "`${{CC:-cc}} -dumpmachine`" in\n  {machine}*) {sets} ;;\nesac\n'
    return [Edit(at, at, lines.encode())] if at >= 0 else []


def _make(text: Text, machine: str, option: Option) -> list[Edit]:
    edits = []
    is_link = option.text.startswith("-l")
    for name in option.variables:
        assigned = re.compile(rb"^(?:export[ \t]+)?%s[ \t]*[:+?]?=" % name.encode(), re.MULTILINE)
        found = list(assigned.finditer(text.data))
        used = re.search(rb"\$[({]%s[)}]" % name.encode(), text.data)
        if not found or not used:
            continue
        at = text.start(_behind(text, text.line(found[-1].start())))
        test = f"$(filter {machine}-%,$(shell $(CC) -dumpmachine))"
        lines = f"ifneq (,{test})\n{name} += {option.text}\nendif\n"
        edits.append(Edit(at, at, lines.encode()))
        if is_link:
            break
    return edits


def _behind(text: Text, line: int) -> int:
    line += 1
    while line <= len(text.lines) and setting_line(text, line) < line:
        line += 1
    return line


def _python(text: Text, machine: str, option: Option) -> list[Edit]:
    name = option.extension.removeprefix("extra_").upper()
    return extension_edits(text, machine, option.extension, option.text, name)


_PLACES = {
    "cmake": _cmake,
    "meson": _meson,
    "autoconf": _autoconf,
    "python": _python,
    "make": _make,
}
