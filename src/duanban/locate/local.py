"""Paths on this machine: a directory, a file, an archive, a Debian source package."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from duanban.locate import unpack_dsc
from duanban.locate.cache import hash_file
from duanban.locate.interface import Located, Progress
from duanban.locate.setting import Setting
from duanban.locate.unpack import Unpacked, recognise, unpack
from duanban.locate.writer import printable
from duanban.model import Skipped
from duanban.model.errors import LocatorError, UnpackError

_SUFFIXES = re.compile(
    r"(\.(orig\.)?tar(\.\w{2,4})?|\.t[gbx]z2?|\.(zip|whl|jar|war|nupkg|egg|crate|gem|deb|dsc|gz|xz|bz2|zst|lz4))$",
    re.IGNORECASE,
)
NO_ARCHIVE = "damaged: it is named as an archive and is none"
_STEM = re.compile(r"(?P<name>.+?)[-_.]v?(?P<version>\d[^-_]*)(?:[-_].*)?")


class LocalPath:
    """Anything that the file system has under the locator's text."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def claims(self, text: str) -> bool:
        """Return whether the text is a path: it exists, or is written like one."""
        return (
            bool(text.strip())
            and "\0" not in text
            and (
                text.startswith(("/", "./", "../", "~"))
                or text in (".", "..")
                or _exists(Path(text))
            )
        )

    @contextlib.contextmanager
    def open(self, text: str, progress: Progress) -> Iterator[Located]:
        """Give the path itself, or the tree that its archive unpacks to.

        Raises:
            LocatorError: it does not exist, cannot be read, or is neither a file nor a directory.
            UnpackError: it is an archive that was refused.
        """
        path = Path(text).expanduser() if text.startswith("~") else Path(text)
        try:
            path = path.resolve(strict=True)
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                next(path.iterdir(), None)
            kind = kind_of(path) if stat.S_ISREG(mode) else None
        except (OSError, RuntimeError) as error:
            raise LocatorError(_why(text, error)) from error
        if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
            raise LocatorError(f"{text}: neither a file nor a directory, so it is not read")
        if kind is None:
            name, version = name_and_version(path.name) if stat.S_ISDIR(mode) else (path.name, "")
            promised = stat.S_ISREG(mode) and _SUFFIXES.search(path.name)
            skipped = (Skipped(path.name, NO_ARCHIVE),) if promised else ()
            yield Located(path, text, name, version, skipped=skipped)
            return
        with open_archive(self._setting, [path], progress) as located:
            yield Located(
                located.root, text, located.name, located.version, skipped=located.skipped
            )


def kind_of(path: Path) -> str | None:
    """Return the format of an archive, `dsc` for a Debian source package, None for a plain file.

    Raises:
        OSError: it cannot be read.
        UnpackError: it is compressed and damaged.
    """
    try:
        return "dsc" if unpack_dsc.is_dsc(path) else recognise(path)
    except UnpackError as error:
        raise UnpackError(f"{printable(path.name)}: {error}") from error


@contextlib.contextmanager
def open_archive(
    setting: Setting, files: list[Path], progress: Progress, names: list[str] | None = None
) -> Iterator[Located]:
    """Give the tree of an archive, from the cache or freshly unpacked.

    Args:
        setting: has the cache.
        files: the archive; a `.dsc` may be followed by the files that it names, which are
            otherwise looked for beside it.
        progress: told when there is something to unpack.
        names: the files' own names, where they are stored under others.

    Raises:
        LocatorError: a file cannot be read, or a part of a source package is missing.
        UnpackError: the archive was refused.
    """
    names = names or [file.name for file in files]
    source = unpack_dsc.read(files[0]) if unpack_dsc.is_dsc(files[0]) else None
    if source is not None:
        parts = dict(zip(names[1:], files[1:], strict=True)) or source.beside(files[0])
        files, names = [files[0], *parts.values()], [names[0], *parts]
    progress(f"reading {names[0]}", 0, 0)
    hashes = [hash_file(file) for file in files]

    def make(destination: Path) -> Unpacked:
        progress(f"unpacking {names[0]}", 0, 0)
        if source is not None:
            source.verify(dict(zip(names, hashes, strict=True)))
            return source.unpack(parts, destination)
        return unpack(files[0], destination, name=names[0])

    lines = (f"{value} {name}\n" for value, name in zip(hashes, names, strict=True))
    key = hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    name, version = name_and_version(names[0])
    if source is not None:
        name, version = source.name, source.version
    with setting.cache.tree(key, make) as tree:
        if not version and tree.root.name != "tree":
            name, version = name_and_version(tree.root.name)
        yield Located(tree.root, names[0], name, version, skipped=tree.skipped)


def name_and_version(file_name: str) -> tuple[str, str]:
    """Return what a file or directory name says of name and version (`zlib-1.3.tar.gz`)."""
    stem = _SUFFIXES.sub("", file_name) or file_name
    found = _STEM.fullmatch(stem)
    return (found["name"], found["version"]) if found else (stem, "")


def _exists(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.exists() or path.is_symlink()
    return False


def _why(text: str, error: OSError | RuntimeError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{text}: no such file or directory"
    if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
        return f"{text}: a symbolic link that leads to itself"
    return f"{text}: cannot be read ({error.strerror})"
