"""What the inventory's tests share: trees, and native code made by hand."""

from __future__ import annotations

import struct
from pathlib import Path

from duanban.binaries import payloads
from duanban.inventory import Inventory, judge_inventory, read_inventory
from duanban.model import Finding, UnknownFact
from duanban.targets.interface import Target

DATA = Path(__file__).parent / "data"
MACHINES = {"x86_64": 62, "aarch64": 183, "riscv64": 243, "loongarch64": 258}


def elf(machine: str, kind: int = 3) -> bytes:
    """Return a little ELF header for 64 bits."""
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    rest = struct.pack("<HHIQQQIHHHHHH", kind, MACHINES[machine], 1, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0)
    return ident + rest


class Tree:
    """A system made of a few files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, path: str, content: str | bytes = "") -> Tree:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def sample(self, name: str, at: str = "") -> Tree:
        return self.add(at or name, (DATA / f"{name}.sample").read_bytes())

    def inventory(self) -> Inventory:
        files = sorted(place for place in self.root.rglob("*") if place.is_file())
        paths = [place.relative_to(self.root).as_posix() for place in files]
        native = [one for path in paths for one in payloads(self.root / path, path)]
        return read_inventory(self.root, paths, native=native)

    def judge(self, target: Target) -> tuple[list[Finding], list[UnknownFact]]:
        return judge_inventory(self.inventory(), target)

    def rules(self, target: Target) -> dict[str, list[str]]:
        """Return rule to the matched packages, or paths where there is no package."""
        found: dict[str, list[str]] = {}
        for one in self.judge(target)[0]:
            found.setdefault(one.rule, []).append(one.component or one.path)
        return found
