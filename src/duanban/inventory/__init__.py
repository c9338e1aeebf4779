"""The parts of a system: read from manifests, locks, package databases and binaries; judged."""

from duanban.inventory.collect import read_inventory
from duanban.inventory.interface import Inventory, Manifest, Reader, Tie
from duanban.inventory.judge import judge_inventory
from duanban.inventory.reach import Reach, Route

__all__ = [
    "Inventory",
    "Manifest",
    "Reach",
    "Reader",
    "Route",
    "Tie",
    "judge_inventory",
    "read_inventory",
]
