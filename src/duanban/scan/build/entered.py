"""Which build files and scripts a build comes to if nobody asks for one of them.

`conf/samd20.mk` that the user names, `Makefile.avx` beside `Makefile`, the script that makes a
release: what stands in them is there for who wants it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from duanban.scan.build.names import is_copied
from duanban.scan.languages import language_of

_DEFAULT = re.compile(
    r"(?:GNU|BSD)?[Mm]akefile(?:\.(?:am|in|PL))?|Kbuild|CMakeLists\.txt|meson\.build"
    r"|configure(?:\.(?:ac|in|sh|py))?|(?:build|compile|make|install)(?:[._-][\w-]+)?(?:\.sh)?"
)
"""Names that tools, or people, begin with."""
_NAMING = frozenset({"make", "cmake", "meson", "autoconf", "shell"})
_PYTHON = ("setup.py", "pyproject.toml")
"""What may start the build of a part in C."""
_CALLS = {
    "make": re.compile(rb"\b(?:make|gmake|MAKE)\b"),
    "cmake": re.compile(rb"\bcmake\b|\bscikit_build|\bskbuild\b"),
    "meson": re.compile(rb"\bmeson\b|\bmesonpy\b"),
}
"""How build files of other tools start the tool whose files these are."""
_PACKED = re.compile(rb"^EXTRA_DIST[^\n]*?(?:\\\n[^\n]*?)*$", re.MULTILINE)
"""What automake only packs up."""
_TOOLCHAIN = re.compile(r"toolchain[^/]*\.cmake$", re.IGNORECASE)


class Entrances:
    """Tells which build files of a tree are entered.

    Args:
        paths: all files of the tree.
        read: gives the bytes of a file of the tree.
    """

    def __init__(self, paths: Sequence[str], read: Callable[[str], bytes | None]) -> None:
        self._paths = paths
        self._read = read
        self._known: dict[str, bool] = {}

    def is_entered(self, path: str) -> bool:
        """Return whether a build that begins at the top may come to the build file `path`."""
        if path not in self._known:
            self._known[path] = False  # what only names itself in the end is not come to
            self._known[path] = self._may_come_to(path)
        return self._known[path]

    def _may_come_to(self, path: str) -> bool:
        directory, _, name = path.rpartition("/")
        language = language_of(path, b"")
        if language not in _NAMING:
            return True
        if _TOOLCHAIN.search(path):
            return False
        if not _DEFAULT.fullmatch(name):
            word = name.removesuffix(".cmake") if language == "cmake" else name
            return self._is_alone(directory) or self._is_named(word, path)
        above = list(self._above(directory))
        if language in ("cmake", "meson"):
            if not directory or "" not in above:
                return True
            beginning = "CMakeLists.txt" if language == "cmake" else "meson.build"
            has_own = any(f"{one}/{beginning}".lstrip("/") in self._texts for one in above)
            return has_own or self._is_called(language)
        return not above or any(
            self._is_named(directory[len(one) :].lstrip("/"), path, one) for one in above
        )

    def _is_alone(self, directory: str) -> bool:
        """Return whether neither the directory nor the top has a file that builds begin with."""
        return directory not in self._begun and "" not in self._begun

    def _above(self, directory: str) -> Iterator[str]:
        while directory:
            directory = directory.rpartition("/")[0]
            if directory in self._begun:
                yield directory

    @cached_property
    def _begun(self) -> frozenset[str]:
        """Return the directories with a build file of a name that builds begin with."""
        return frozenset(
            path.rpartition("/")[0]
            for path in self._paths
            if _DEFAULT.fullmatch(path.rpartition("/")[2]) and language_of(path, b"") in _NAMING
        )

    @cached_property
    def _texts(self) -> dict[str, bytes]:
        found = {}
        for path in self._paths:
            if language_of(path, b"") in _NAMING or path in _PYTHON:
                data = self._read(path)
                if data is not None and not is_copied(path, data[:8192]):
                    found[path] = _PACKED.sub(b"", data)
        return found

    def _is_named(self, word: str, path: str, directory: str | None = None) -> bool:
        """Return whether a build file of `directory`, of any if None, takes in `path` as `word`."""
        name = word.encode("utf-8", "replace")
        pattern = re.compile(rb"(?<![\w-])" + re.escape(name) + rb"(?![\w-])")
        language = language_of(path, b"")
        return any(
            name in text
            and _starts(language, other, text)
            and pattern.search(text) is not None
            and self.is_entered(other)
            for other, text in self._texts.items()
            if other != path and directory in (None, other.rpartition("/")[0])
        )

    def _is_called(self, language: str) -> bool:
        """Return whether a build file of another tool starts the one of `language`."""
        return any(map(self.is_entered, self._callers[language]))

    @cached_property
    def _callers(self) -> dict[str, list[str]]:
        """Return the build files of other tools that start each tool."""
        return {
            language: [
                path
                for path, text in self._texts.items()
                if language_of(path, b"") != language and _starts(language, path, text)
            ]
            for language in _CALLS
        }


def _starts(language: str | None, path: str, text: bytes) -> bool:
    """Return whether a build file, `text` at `path`, can come to files of a tool's `language`."""
    own = language_of(path, b"")
    if language not in _CALLS or own == language:
        return True
    if language == "make" and own in ("autoconf", "shell"):
        return True
    return _CALLS[language].search(text) is not None
