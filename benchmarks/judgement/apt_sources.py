"""Debian source packages through the user's own apt, with lists and settings kept apart.

Nothing of the machine's apt is changed: source lists, package lists and cache stand in a
directory of ours. The archive's address and the signing keys are those the user's apt has.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SUITES = ("sid", "trixie", "bookworm")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")  # of debian-archive-keyring
APT_HELPER = "/usr/lib/apt/apt-helper"  # apt's own downloader of single files
_URI_LINE = re.compile(r"^'([^']+)' (\S+) (\d+) (SHA256:[0-9a-f]{64})$", re.MULTILINE)
_TIME_LIMIT = 900.0


class AptError(RuntimeError):
    """The user's apt did not do what it was asked for; the text is its own last line."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version of a source package and the suite that has it."""

    version: str
    suite: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source package."""

    address: str
    name: str
    size: int
    sha256: str
    """With the prefix `SHA256:`, as apt writes it."""


class Apt:
    """The user's apt with source lists of several Debian suites under `directory`."""

    def __init__(self, directory: Path, keyring: Path = KEYRING) -> None:
        self._directory = directory
        self._keyring = keyring

    def prepare(self) -> None:
        """Write the private source list and fetch the lists, if that has not been done yet.

        Raises:
            AptError: apt is missing, knows no Debian archive, or cannot reach it.
        """
        done = self._directory / "ready"
        if done.exists():
            return
        for name in ("lists/partial", "cache/archives/partial"):
            (self._directory / name).mkdir(parents=True, exist_ok=True)
        archive = _archive()
        lines = (
            f"deb-src [signed-by={self._keyring}] {archive} {suite} main\n" for suite in SUITES
        )
        (self._directory / "sources.list").write_text("".join(lines), encoding="utf-8")
        self._run("apt-get", "update", "-q")
        done.touch()

    def candidates(self, package: str) -> list[Candidate]:
        """Return the versions that the suites have of a source package, newest suite first."""
        found = []
        for line in self._run("apt-cache", "madison", "--", package).splitlines():
            name, version, origin = (part.strip() for part in line.split("|"))
            words = origin.split()
            if name == package and words[-1] == "Sources":
                found.append(Candidate(version, words[1].split("/")[0]))
        return sorted(found, key=lambda one: SUITES.index(one.suite))

    def files(self, package: str, version: str) -> list[SourceFile]:
        """Return the files of a source package, by apt's signed lists."""
        spec = f"{package}={version}"
        output = self._run(
            "apt-get", "source", "--only-source", "--download-only", "--print-uris", "--", spec
        )
        found = _URI_LINE.findall(output)
        return [SourceFile(address, name, int(size), sha) for address, name, size, sha in found]

    def download(self, file: SourceFile, to: Path) -> None:
        """Download one file; apt checks its hash.

        One at a time, because `apt-get source` gives up a package when the archive has lost one
        of its files, and the benchmark can do without Debian's own.

        Raises:
            AptError: with apt's reason, for instance that the archive no longer has the file.
        """
        target = str((to / file.name).absolute())
        self._run(APT_HELPER, "download-file", file.address, target, file.sha256)

    def _run(self, command: str, *arguments: str) -> str:
        directory = self._directory.absolute()
        settings = {
            "Dir::Etc::SourceList": directory / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": directory / "lists",
            "Dir::Cache": directory / "cache",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
        }
        options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]
        return run([command, *options, *arguments])


def run(command: list[str]) -> str:
    """Run a client of the user and return what it printed.

    Raises:
        AptError: it is missing, failed or took too long.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIME_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AptError(str(error)) from error
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith(("E:", "tar:"))]
        raise AptError((errors or done.stderr.splitlines() or [f"{command[0]} failed"])[0].strip())
    return done.stdout


def _archive() -> str:
    """Return the address of the Debian archive that the user's apt has in use."""
    form = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)"
    for line in sorted(run(["apt-get", "indextargets", "--format", form]).splitlines()):
        origin, codename, address = line.split("|", 2)
        if origin == "Debian" and "-" not in codename:
            return address
    raise AptError("apt knows no Debian archive; add one to its sources and run apt-get update")
