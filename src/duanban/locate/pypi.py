"""`pypi:NAME[SPECIFIER][#wheel[=PLATFORM[,PYTHON]]]`: a Python package from the user's indexes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from duanban.locate.cache import Blob, Entry, now
from duanban.locate.client import Watched, run
from duanban.locate.fetch import open_fetched, purl
from duanban.locate.interface import Located, Progress
from duanban.locate.setting import Setting
from duanban.model.errors import FetchError, LocatorError

SCHEME = "pypi:"
_TEXT = re.compile(
    r"pypi:(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"  # PEP 508
    r"(?P<specifier>[<>=!~][^#\s;@]*)?"
    r"(?P<wheel>#wheel(?:=(?P<platform>[A-Za-z0-9_.]+)(?:,cp(?P<python>\d{2,3}))?)?)?"
)
_GLIBC_MINORS = range(45, 4, -1)
"""manylinux_2_x tags of PEP 600, newest first; pip itself only knows the way down from 2014."""
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a `pypi:` locator asks for."""

    name: str
    specifier: str
    form: str
    """`source` (a wheel only if there is none) or `wheel`."""
    options: tuple[str, ...]
    """pip options that name another platform."""

    @property
    def pinned(self) -> bool:
        """Whether only one version fits, ever."""
        return self.specifier.startswith("==") and not set(self.specifier) & set("*,")


class PyPI:
    """Packages that pip finds."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def claims(self, text: str) -> bool:
        """Return whether the text has our scheme."""
        return text.startswith(SCHEME)

    def open(self, text: str, progress: Progress) -> AbstractContextManager[Located]:
        """Give the unpacked source distribution or wheel.

        Raises:
            LocatorError: the text is not in our form.
            FetchError: pip is missing, or did not give it.
            UnpackError: the file was refused.
        """
        wanted = parse(text)

        def fetch(directory: Path) -> Entry:
            return self._fetch(text, wanted, Watched(text, progress, directory, client="pip"))

        return open_fetched(self._setting, text, progress, fetch, pinned=wanted.pinned)

    def _fetch(self, text: str, wanted: Wanted, watched: Watched) -> Entry:
        cache = self._setting.cache
        run(
            [
                python_with_pip(),
                str(Path(__file__).with_name("pip_fetch.py")),
                str(watched.directory),
                str(cache.blobs),
                wanted.name,
                wanted.specifier,
                wanted.form,
                "--no-input",
                "--disable-pip-version-check",
                *wanted.options,
            ],
            watched,
        )
        try:
            result = json.loads((watched.directory / "result.json").read_text("utf-8"))
            file, version, sha256 = result["file"], result["version"], result["sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FetchError(f"{text}: pip gave no result that can be read") from error
        blob = Blob(file, sha256) if sha256 else cache.add_blob(watched.directory / file)
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()  # PEP 503
        facts = {"name": name, "version": version, "purl": purl("pypi", "", name, version)}
        return Entry(text, now(), (blob,), facts=facts)


def parse(text: str) -> Wanted:
    """Return what the locator asks for.

    Raises:
        LocatorError: with the form that is expected.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        hint = "pypi:NAME, pypi:NAME==VERSION or pypi:NAME==VERSION#wheel=aarch64,cp312"
        if re.fullmatch(r"pypi:[A-Za-z0-9._-]+@\d\S*", text):
            hint = text.replace("@", "==")
        raise LocatorError(f"{text}: not a Python package; write {hint}")
    specifier = found["specifier"] or ""
    _check_specifier(text, specifier)
    form = "wheel" if found["wheel"] else "source"
    options: list[str] = []
    for platform in _platforms(found["platform"] or ""):
        options += ["--platform", platform]
    if found["python"]:
        options += ["--implementation", "cp", "--python-version", found["python"]]
    return Wanted(found["name"], specifier, form, tuple(options))


def _check_specifier(text: str, specifier: str) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415

    try:
        SpecifierSet(specifier)
    except InvalidSpecifier as error:
        hint = f"; write =={specifier.lstrip('=')}" if specifier.startswith("=") else ""
        raise LocatorError(
            f"{text}: {specifier} is not a version specifier (PEP 440){hint}"
        ) from error


def _platforms(platform: str) -> list[str]:
    """Return the platform tags to accept, the best first.

    A full tag is itself; a machine's name stands for every glibc that manylinux knows.
    """
    if not platform or "_" in platform.replace("x86_64", "").replace("ppc64_le", ""):
        return [platform] if platform else []
    tags = []
    for minor in _GLIBC_MINORS:
        tags.append(f"manylinux_2_{minor}_{platform}")
        if minor in _LEGACY:
            tags.append(f"{_LEGACY[minor]}_{platform}")
    return [*tags, f"linux_{platform}"]


def python_with_pip() -> str:
    """Return the first Python that can import pip: the one we run on, else those on PATH.

    Raises:
        FetchError: there is none.
    """
    for python in (sys.executable, "python3", "python"):
        try:
            done = subprocess.run(
                [python, "-c", "import pip._internal"],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False, cwd="/",
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return python
    raise FetchError("pypi: needs pip, which no Python on PATH has (python3 -m ensurepip)")
