"""Gets the Linux kernel's source through the machine's own apt, without touching its set-up."""

from __future__ import annotations

import subprocess
from pathlib import Path

from measure import BenchmarkError

_SYSTEM_SOURCES = Path("/etc/apt")


def fetch_kernel(work: Path) -> Path:
    """Return the unpacked source of Debian's `linux`, fetched into `work` unless it is there.

    Raises:
        BenchmarkError: apt or dpkg-source is missing or failed.
    """
    tree = work / "linux"
    if tree.is_dir():
        return tree
    sources = _source_lists(work / "apt" / "sources")
    lists = work.resolve() / "apt" / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(sources),
        "Dir::State::Lists": str(lists),
        "Dir::Cache": str(work.resolve() / "apt" / "cache"),
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", *(f"-o{key}={value}" for key, value in settings.items())]
    _run([*apt, "update"], work)
    _run([*apt, "source", "--download-only", "linux"], work)
    (description,) = sorted(work.glob("linux_*.dsc"))[-1:]
    unpacked = work / "linux.part"
    _run(["dpkg-source", "--no-check", "-x", description.name, unpacked.name], work)
    unpacked.rename(tree)
    return tree


def _source_lists(directory: Path) -> Path:
    """Copy the system's lists of Debian's main archive, asking for sources instead of binaries.

    The security archive is left out: it drops superseded sources at once, so that its index and
    its files often disagree.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for file in sorted((_SYSTEM_SOURCES / "sources.list.d").glob("*.sources")):
        stanzas = file.read_text().split("\n\n")
        kept = [
            "\n".join(
                "Types: deb-src" if line.startswith("Types:") else line
                for line in stanza.strip().splitlines()
                if not line.startswith("#")
            )
            for stanza in stanzas
            if "/debian\n" in f"{stanza}\n" or "/debian/\n" in f"{stanza}\n"
        ]
        if kept:
            (directory / file.name).write_text("\n\n".join(kept) + "\n")
    classic = _SYSTEM_SOURCES / "sources.list"
    lines = classic.read_text().splitlines() if classic.is_file() else []
    kept = [f"deb-src{line[3:]}" for line in lines if line.startswith("deb ") and "/debian" in line]
    if kept:
        (directory / "classic.list").write_text("\n".join(kept) + "\n")
    return directory.resolve()


def _run(command: list[str], directory: Path) -> None:
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BenchmarkError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        raise BenchmarkError(f"{' '.join(command)}: {done.stderr[-1500:]}")
