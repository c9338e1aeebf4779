"""Compare inventories with oracles: whether the parts are right, and what it costs.

    python benchmarks/inventory.py --work WORK [--peers BIN] [--rpm DIR]

Makes five inputs under WORK with the ordinary clients, once: a copy of this machine's dpkg database (A), a
virtual environment with compiled packages (B), an npm project with native packages (C), a root file system
made of the files of this machine's Debian packages (D, about 10,000 files), and Python packages for other
machines (E). Compares the installed parts with dpkg-query, pip and npm, and the machine of every ELF file
with readelf. `--rpm` names a directory with file systems that hold an RPM database, compared with `rpm -qa`
where rpm is found. `--peers` names the directory of syft, which then reads the same inputs and writes bills
in five formats; ours reads them all. CPU seconds (user and system), peak memory; file caches warm.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote

from measure import run

PYTHON_PARTS = ("numpy", "pandas", "lxml", "cryptography", "pydantic", "psycopg2-binary")
NPM_PARTS = {
    "sharp": "^0.34.0",
    "esbuild": "^0.25.0",
    "@parcel/watcher": "^2.5.0",
    "better-sqlite3": "^12.0.0",
    "express": "^4.21.0",
}
FOREIGN = {"aarch64": ("numpy", "lxml", "cryptography", "psutil"), "riscv64": ("lxml", "pyzmq")}
FILES = 10_000
READ = """
import json, sys
from pathlib import Path
from duanban.binaries import payloads
from duanban.inventory import read_inventory
from duanban.scan.tree import list_tree
root = Path(sys.argv[1])
paths = [entry.path for entry in list_tree(root).entries]
native = [one for path in paths for one in payloads(root / path, path)]
found = read_inventory(root, paths, native=native)
json.dump({"files": len(paths), "components": [[c.purl, c.state, c.path] for c in found.components],
           "native": [[n.path, n.format, n.machine] for n in native],
           "edges": sum(len(d.requires) for d in found.dependencies)}, sys.stdout)
"""
READELF = {
    "Advanced Micro Devices X86-64": "x86_64",
    "AArch64": "aarch64",
    "ARM": "arm",
    "Intel 80386": "i386",
    "RISC-V": "riscv64",
    "LoongArch": "loongarch64",
    "Linux BPF": "bpf",
}


def make_dpkg(root: Path) -> None:
    """Copy this machine's dpkg database."""
    for name in ("var/lib/dpkg/status", "usr/lib/os-release"):
        (root / name).parent.mkdir(parents=True)
        shutil.copy(Path("/", name), root / name)


def make_venv(root: Path) -> None:
    """Make a virtual environment with compiled packages."""
    subprocess.run([sys.executable, "-m", "venv", str(root)], check=True)
    subprocess.run([str(root / "bin/pip"), "install", "-q", *PYTHON_PARTS], check=True)


def make_npm(root: Path) -> None:
    """Make an npm project with native packages; no script of theirs is run."""
    root.mkdir(parents=True)
    manifest = {"name": "shop", "version": "1.0.0", "dependencies": NPM_PARTS}
    (root / "package.json").write_text(json.dumps(manifest))
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    subprocess.run(["npm", "install", *options], cwd=root, check=True)


def make_root(root: Path) -> None:
    """Copy files of this machine's packages, package by package, until there are enough."""
    make_dpkg(root)
    count = 0
    lists = sorted(Path("/var/lib/dpkg/info").glob("*.list"), key=lambda one: one.name)
    for listing in lists:
        for name in listing.read_text(errors="replace").splitlines():
            source, place = Path(name), root / name.lstrip("/")
            if source.is_symlink() or not source.is_file() or place.exists():
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)
            count += 1
        if count >= FILES:
            return


def make_foreign(root: Path) -> None:
    """Install packages for other machines beside each other; nothing of them is run."""
    for machine, parts in FOREIGN.items():
        options = ["--target", str(root / machine), "--only-binary=:all:", "--no-deps"]
        for floor in ("manylinux2014", "manylinux_2_28", "manylinux_2_31", "manylinux_2_39"):
            options += ["--platform", f"{floor}_{machine}"]
        command = [sys.executable, "-m", "pip", "install", "-q", "--python-version", "3.12"]
        subprocess.run([*command, *options, *parts], check=True)


INPUTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "A": ("dpkg database", make_dpkg),
    "B": ("virtual environment", make_venv),
    "C": ("npm project", make_npm),
    "D": ("root file system", make_root),
    "E": ("packages for other machines", make_foreign),
}


def oracle_dpkg(root: Path) -> set[str]:
    """Return what dpkg-query says is installed."""
    form = "-f=${db:Status-Status} ${Package}@${Version}\\n"
    command = ["dpkg-query", f"--admindir={root / 'var/lib/dpkg'}", "-W", form]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    gone = ("not-installed", "config-files")
    return {line.split(" ")[1] for line in lines if line and not line.startswith(gone)}


def oracle_pip(root: Path) -> set[str]:
    """Return what pip says is installed."""
    command = [str(root / "bin/pip"), "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {f"{one['name'].lower().replace('_', '-')}@{one['version']}" for one in listed}


def oracle_pip_target(root: Path) -> set[str]:
    """Return what pip says is installed in the directories of other machines."""
    found: set[str] = set()
    for machine in FOREIGN:
        command = [sys.executable, "-m", "pip", "list", "--format", "json"]
        command += ["--path", str(root / machine), "--disable-pip-version-check"]
        listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        found |= {f"{one['name'].lower().replace('_', '-')}@{one['version']}" for one in listed}
    return found


def oracle_npm(root: Path) -> set[str]:
    """Return what npm says is installed."""
    done = subprocess.run(
        ["npm", "ls", "--all", "--json"], cwd=root, capture_output=True, check=False
    )
    found: set[str] = set()
    todo = [json.loads(done.stdout)]
    while todo:
        for name, one in todo.pop().get("dependencies", {}).items():
            if "version" in one:
                # An alias has the name of the package in its address only.
                real = re.search(r"/((?:@[^/]+/)?[^/]+)/-/", one.get("resolved", ""))
                found.add(f"{real[1] if real else name}@{one['version']}")
            todo.append(one)
    return found


ORACLES = {
    "A": ("dpkg-query", "pkg:deb/", oracle_dpkg),
    "B": ("pip list", "pkg:pypi/", oracle_pip),
    "C": ("npm ls --all", "pkg:npm/", oracle_npm),
    "D": ("dpkg-query", "pkg:deb/", oracle_dpkg),
    "E": ("pip list", "pkg:pypi/", oracle_pip_target),
}


def plain(purl: str, prefix: str) -> str:
    """Return name@version of a package URL of one type, without a distribution."""
    name, _, version = purl.removeprefix(prefix).partition("?")[0].partition("@")
    if prefix in ("pkg:deb/", "pkg:rpm/"):
        name = name.rpartition("/")[2]
    return f"{unquote(name)}@{unquote(version)}"


def read(root: Path, output: Path) -> tuple[dict, float, float]:
    """Return what ours finds, CPU seconds and megabytes; the second of two runs."""
    command = [sys.executable, "-c", READ, str(root)]
    run(command, output=output)
    cost = run(command, output=output)
    return json.loads(output.read_text()), cost.cpu, cost.memory / 1e6


def elf_machines(root: Path, paths: Iterable[str]) -> tuple[int, list[str]]:
    """Return how many ELF files readelf agrees on, and the others."""
    agreed, others = 0, []
    for path, machine in paths:
        done = subprocess.run(
            ["readelf", "-h", str(root / path)], capture_output=True, text=True, check=False
        )
        said = next((line.partition(":")[2].strip() for line in done.stdout.splitlines()
                     if line.strip().startswith("Machine:")), "")  # fmt: skip
        if READELF.get(said, said) == machine:
            agreed += 1
        else:
            others.append(f"{path}: {machine}, readelf {said!r}")
    return agreed, others


def elf_files(root: Path) -> set[str]:
    """Return the regular files that begin with ELF's four bytes, by a walk of its own."""
    found = set()
    for directory, _, names in os.walk(root):
        for name in names:
            place = Path(directory, name)
            if stat.S_ISREG(place.lstat().st_mode):
                with place.open("rb") as stream:
                    if stream.read(20)[:4] == b"\x7fELF":
                        found.add(str(place.relative_to(root)))
    return found


def check_cost(root: Path) -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and megabytes of a whole check, the sources scanned too."""
    command = [sys.executable, "-m", "duanban", "check", str(root), "-t", "debian-sid-loong64"]
    command += ["--no-cache", "--format", "json"]
    run(command)
    cost = run(command)
    return cost.cpu, cost.wall, cost.memory / 1e6


def compare(name: str, root: Path, work: Path) -> str:
    """Return one row: ours against the oracle."""
    found, cpu, memory = read(root, work / f"{name}.json")
    oracle_name, prefix, oracle = ORACLES[name]
    ours = {
        plain(purl, prefix)
        for purl, state, _ in found["components"]
        if purl.startswith(prefix) and state == "installed"
    }
    truth = oracle(root)
    elf = [(path, machine) for path, form, machine in found["native"] if form == "elf"]
    outside = [(path, machine) for path, machine in elf if "!/" not in path and path[-2:] != ".a"]
    agreed, others = elf_machines(root, outside)
    unseen = elf_files(root) - {path for path, _ in outside}
    for line in (*sorted(truth - ours)[:9], *sorted(ours - truth)[:9], *others[:9]):
        print(f"{name}: {line}", file=sys.stderr)
    for path in sorted(unseen)[:9]:
        print(f"{name}: ELF not seen: {path}", file=sys.stderr)
    return (
        f"| {name}, {INPUTS[name][0]} | {found['files']:,} | {oracle_name} {len(truth):,} | "
        f"{len(ours):,} | {len(truth - ours)} | {len(ours - truth)} | {found['edges']:,} | "
        f"{agreed}/{len(outside)}, unseen {len(unseen)} | {cpu:.2f} | {memory:.0f} |"
    )


def peers(inputs: dict[str, Path], bin_: Path, work: Path) -> list[str]:
    """Return rows of what the peers cost and find, and whether ours reads their bills whole."""
    rows = []
    for name, root in inputs.items():
        _, prefix, oracle = ORACLES[name]
        truth = oracle(root)
        commands = {"syft": ["scan", f"dir:{root}", "-q", "-o"]}
        formats = {"syft": {"cyclonedx-json": "cdx.json", "cyclonedx-xml": "cdx.xml",
                            "spdx-json": "spdx.json", "spdx-tag-value": "spdx",
                            "syft-json": "syft.json"}}  # fmt: skip
        for tool, arguments in commands.items():
            cost = None
            counts = []
            for form, ending in formats[tool].items():
                bill = work / f"{tool}-{name}.{ending}"
                cost = run([str(bin_ / tool), *arguments, f"{form}={bill}"])
                counts.append(bill_parts(bill, prefix))
            same = "all five bills read alike" if len(set(map(frozenset, counts))) == 1 else "no"
            found = counts[0]
            rows.append(
                f"| {tool} | {name} | {len(truth - found)} | {len(found - truth)} | "
                f"{cost.cpu:.1f} | {cost.memory / 1e6:.0f} | {same} |"
            )
    return rows


def bill_parts(bill: Path, prefix: str) -> set[str]:
    """Return the parts of one type that ours reads from a bill."""
    from duanban.inventory import read_inventory  # noqa: PLC0415

    found = read_inventory(bill, [bill.name]).components
    return {plain(one.purl, prefix) for one in found if one.purl.startswith(prefix)}


def rpm_query(database: Path) -> set[str]:
    """Return what rpm lists of a copy of a database; nothing if it is not there or cannot."""
    if not shutil.which("rpm"):
        return set()
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(database, directory)
        form = "%{NAME}@%{VERSION}-%{RELEASE}\\n"
        query = ["rpm", "--dbpath", directory, "-qa", "--qf", form]
        said = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return {line for line in said.split("\n") if line and not line.startswith("gpg-pubkey@")}


def rpm_rows(directory: Path, work: Path) -> list[str]:
    """Return rows of RPM databases against rpm itself, where it can open them."""
    rows = []
    for root in sorted(one for one in directory.iterdir() if one.is_dir()):
        names = ("rpmdb.sqlite", "Packages", "Packages.db")
        databases = [p for p in root.glob("var/lib/rpm/*") if p.name in names]
        for database in databases:
            found, cpu, _ = read(root, work / "rpm.json")
            ours = {
                plain(p, "pkg:rpm/") for p, _, _ in found["components"] if p.startswith("pkg:rpm")
            }
            truth = rpm_query(database)
            said = "not opened by this rpm"
            if truth:
                said = f"{len(truth - ours)} missing, {len(ours - truth)} too many"
            size = database.stat().st_size / 1e6
            rows.append(f"| {root.name} | {database.name}, {size:.1f} MB | {len(ours)} | {said} | "
                        f"{found['edges']:,} | {cpu:.2f} |")  # fmt: skip
    return rows


def main() -> None:
    """Make the inputs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--rpm", type=Path)
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    inputs = {}
    for name, (_, make) in INPUTS.items():
        inputs[name] = work / name
        if not inputs[name].exists():
            make(inputs[name])
    print("| input | files | oracle | ours | missing | false | asks | ELF machines agreed with "
          "readelf | CPU s | MB |\n|---|---:|---|---:|---:|---:|---:|---|---:|---:|")  # fmt: skip
    for name, root in inputs.items():
        print(compare(name, root, work), flush=True)
    print("\n| whole check, one target | CPU s | wall s | MB |\n|---|---:|---:|---:|")
    for name, root in inputs.items():
        cpu, wall, memory = check_cost(root)
        print(f"| {name} | {cpu:.1f} | {wall:.1f} | {memory:.0f} |", flush=True)
    if arguments.rpm:
        print(
            "\n| system | database | packages | against rpm | asks | CPU s |\n|---|---|---:|---|---:|---:|"
        )
        print("\n".join(rpm_rows(arguments.rpm, work)))
    if arguments.peers:
        print(
            "\n| peer | input | missing | false | CPU s | MB | ours reads |\n|---|---|---:|---:|---:|---:|---|"
        )
        print("\n".join(peers(inputs, arguments.peers.resolve(), work)))


if __name__ == "__main__":
    main()
