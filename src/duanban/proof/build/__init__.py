"""Build systems: how each configures, builds and tests."""

from duanban.proof.build.interface import BuildSystem, Probe, Recipe, Results
from duanban.proof.build.registry import find_build, names

__all__ = ["BuildSystem", "Probe", "Recipe", "Results", "find_build", "names"]
