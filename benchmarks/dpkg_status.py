"""Time reading a dpkg status file, beside python-debian and dpkg-query where they are installed.

    python benchmarks/dpkg_status.py [/var/lib/dpkg/status] [--packages 750]

The first N stanzas of the file are read. CPU seconds, median of five rounds, all readers in each.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from duanban.inventory import read_inventory

ROUNDS = 5


def own(root: Path) -> int:
    """Read with the package, components and ties included."""
    return len(read_inventory(root, ["var/lib/dpkg/status"]).components)


def python_debian(root: Path) -> int:
    """Read with python-debian."""
    from debian.deb822 import Packages  # type: ignore[import-not-found] # noqa: PLC0415

    with (root / "var/lib/dpkg/status").open("rb") as stream:
        stanzas = Packages.iter_paragraphs(stream, use_apt_pkg=False)
        return len([(one["Package"], one["Version"], one["Architecture"]) for one in stanzas])


def dpkg_query(root: Path) -> int:
    """Read with dpkg's own program."""
    form = "-f=${Package} ${Version} ${Architecture}\\n"
    command = ["dpkg-query", f"--admindir={root / 'var/lib/dpkg'}", "-W", form]
    return subprocess.run(command, capture_output=True, check=True).stdout.count(b"\n")


def cpu_seconds() -> float:
    """Return the CPU time of this process and its children."""
    own_use = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own_use.ru_utime + own_use.ru_stime + children.ru_utime + children.ru_stime


def has_python_debian() -> bool:
    """Return whether python-debian can be imported."""
    try:
        import debian.deb822  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def main() -> None:
    """Run the comparison and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("status", type=Path, nargs="?", default=Path("/var/lib/dpkg/status"))
    parser.add_argument("--packages", type=int, default=750)
    options = parser.parse_args()
    stanzas = options.status.read_bytes().split(b"\n\n")[: options.packages]
    readers: dict[str, Callable[[Path], int]] = {"duanban": own}
    if has_python_debian():
        readers["python-debian"] = python_debian
    if shutil.which("dpkg-query"):
        readers["dpkg-query"] = dpkg_query
    times: dict[str, list[float]] = {name: [] for name in readers}
    counts = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "var/lib/dpkg/status"
        place.parent.mkdir(parents=True)
        place.write_bytes(b"\n\n".join(stanzas) + b"\n\n")
        for _ in range(ROUNDS):
            for reader, read in readers.items():
                start = cpu_seconds()
                counts[reader] = read(Path(name))
                times[reader].append(cpu_seconds() - start)
    base = statistics.median(times["duanban"])
    for reader, values in times.items():
        median = statistics.median(values)
        print(
            f"{reader:14} {median:7.4f} s CPU, {counts[reader]} packages   {median / base:5.1f} x"
        )


if __name__ == "__main__":
    main()
