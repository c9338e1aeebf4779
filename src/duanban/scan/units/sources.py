"""The files of a tree as units need them: found by the name that an include writes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial

from duanban.scan.units.source_file import SourceFile
from duanban.scan.units.views import RecentViews

_INCLUDE_DIRECTORIES = ("include", "inc", "src")


def _joined(directory: str, name: str) -> str:
    """Return the path of `name` in `directory`, with what leads upwards worked out."""
    path = f"{directory}/{name}" if directory and not name.startswith("/") else name
    return os.path.normpath(path) if "./" in name or "//" in name else path


class SourceTree:
    """Reads the files of a tree and finds what includes mean.

    Args:
        paths: all files of the tree.
        read: gives the bytes of a text file, or None.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes | None]) -> None:
        self._paths = frozenset(paths)
        self._by_basename: dict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            self._by_basename[path.rpartition("/")[2]].append(path)
        self._views = RecentViews(read)
        self._names: dict[bytes, bytes] = {}
        self._files: dict[str, SourceFile | None] = {}

    def file(self, path: str) -> SourceFile | None:
        """Return a file of the tree, or None if it is no text."""
        if path not in self._files:
            is_text = self._views.is_text(path)
            views = partial(self._views.of, path)
            self._files[path] = SourceFile(views, self._names) if is_text else None
        return self._files[path]

    def beside(self, name: str, includer: str) -> str | None:
        """Return the file that `name` means relative to the includer's directory, or None."""
        path = _joined(includer.rpartition("/")[0], name)
        return path if path in self._paths else None

    def in_include_directory(self, name: str, includer: str) -> str | None:
        """Return the file `name` of an `include` directory above the includer, or of the root."""
        directory = includer
        while directory:
            directory = directory.rpartition("/")[0]
            for middle in _INCLUDE_DIRECTORIES:
                path = _joined(f"{directory}/{middle}" if directory else middle, name)
                if path in self._paths:
                    return path
        path = _joined("", name)
        return path if path in self._paths else None

    def candidates(self, name: str) -> list[str]:
        """Return all files whose path ends in `name`; leading `../` are dropped."""
        tail = os.path.normpath(name)
        while tail.startswith("../"):
            tail = tail[3:]
        found = self._by_basename.get(tail.rpartition("/")[2], ())
        return [path for path in found if path == tail or path.endswith(f"/{tail}")]

    def has_template(self, name: str) -> bool:
        """Return whether a configure step makes the header `name` out of a file of the tree."""
        stem = name.removesuffix(".h")
        endings = (".in", ".cmake", ".meson", ".cmake.in", ".in.cmake")
        templates = (*(name + ending for ending in endings), f"{stem}.hin", f"{stem}_h.in")
        return any(self.candidates(template) for template in templates)
