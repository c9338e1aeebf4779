"""Compare reading ELF metadata with pyelftools and readelf: CPU milliseconds a file.

    python benchmarks/elf_metadata.py /usr/lib/x86_64-linux-gnu [--files 300]

All read machine, needed libraries, soname and wanted symbol versions. Every round runs all of them,
one after the other; the median of five rounds counts. readelf is a process for each file, as a
script would call it, and is given fewer files.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from elftools.elf.elffile import ELFFile

from duanban.binaries import read_elf

ROUNDS = 5


def own(path: Path) -> object:
    """Read with the package."""
    return read_elf(path)


def pyelftools(path: Path) -> object:
    """Read with pyelftools."""
    with path.open("rb") as stream:
        file = ELFFile(stream)
        dynamic = file.get_section_by_name(".dynamic")
        tags = [(tag.entry.d_tag, str(tag)) for tag in dynamic.iter_tags()] if dynamic else []
        needs = file.get_section_by_name(".gnu.version_r")
        versions = [
            (need.name, [one.name for one in wanted])
            for need, wanted in (needs.iter_versions() if needs else ())
        ]
        return file.get_machine_arch(), tags, versions


def readelf(path: Path) -> object:
    """Read with binutils."""
    command = ["readelf", "--wide", "-h", "-d", "-V", str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def cpu_seconds() -> float:
    """Return the CPU time of this process and its children."""
    own_use = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own_use.ru_utime + own_use.ru_stime + children.ru_utime + children.ru_stime


def milliseconds(read: Callable[[Path], object], files: Sequence[Path]) -> float:
    """Return CPU milliseconds a file."""
    start = cpu_seconds()
    for path in files:
        read(path)
    return (cpu_seconds() - start) / len(files) * 1000


def main() -> None:
    """Run the comparison and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--files", type=int, default=300)
    options = parser.parse_args()
    candidates = sorted(
        path
        for path in options.directory.rglob("*.so*")
        if path.is_file() and not path.is_symlink()
    )
    files = [path for path in candidates if read_elf(path) is not None][: options.files]
    if not files:
        raise SystemExit("no ELF files there")
    readers: dict[str, tuple[Callable[[Path], object], Sequence[Path]]] = {
        "duanban": (own, files),
        "pyelftools": (pyelftools, files),
    }
    if shutil.which("readelf"):
        readers["readelf"] = (readelf, files[:40])
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):
        for name, (read, some) in readers.items():
            times[name].append(milliseconds(read, some))
    base = statistics.median(times["duanban"])
    print(f"{len(files)} files, median of {ROUNDS} rounds")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:12} {median:8.3f} ms CPU a file   {median / base:6.1f} x")


if __name__ == "__main__":
    main()
