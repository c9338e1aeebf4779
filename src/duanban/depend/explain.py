"""Why a package cannot be installed or built, in words and down to the root."""

from __future__ import annotations

from duanban.depend.installable import Outcome
from duanban.depend.relation import parse_binary
from duanban.depend.universe import Universe

MAX_STEPS = 8
"""Links of a chain that are told; of a longer one the middle is left out."""


class Explainer:
    """Explains what a check found.

    Args:
        universe: that was checked.
        outcome: of the check.
    """

    def __init__(self, universe: Universe, outcome: Outcome) -> None:
        self._universe = universe
        self._outcome = outcome
        self._versions: dict[bytes, list[bytes]] = {}
        for name, version in zip(
            universe.names[: universe.binaries], universe.versions, strict=False
        ):
            self._versions.setdefault(name, []).append(version)

    def why(self, index: int) -> str:
        """Return why the package `index` is broken: one line, the root cause last."""
        if index in self._outcome.conflicting:
            return self._conflict(index)
        steps: list[str] = []
        seen: set[int] = set()
        while True:
            seen.add(index)
            clause = self._outcome.unsatisfied[index]
            needed = self._universe.texts[clause]
            steps.append(needed.decode("utf-8", "replace"))
            # The first provider is the one that would be taken if it were sound.
            choices = [p for p in self._universe.providers[clause] if p not in seen]
            if not choices:
                return f"needs {self._shortened(steps)}, {self._lack(needed)}"
            index = choices[0]

    @staticmethod
    def _shortened(steps: list[str]) -> str:
        if len(steps) > MAX_STEPS:
            left_out = len(steps) - MAX_STEPS + 1
            steps = [*steps[: MAX_STEPS - 2], f"({left_out} more)", steps[-1]]
        return " -> ".join(steps)

    def _lack(self, needed: bytes) -> str:
        """Return what is wrong with a relation that nothing satisfies."""
        found = [
            f"{one.name.decode('utf-8', 'replace')} {version.decode('utf-8', 'replace')}"
            for one in parse_binary(needed)
            for version in self._versions.get(one.name, ())
        ]
        return f"but there is only {', '.join(found)}" if found else "which nothing provides"

    def _conflict(self, index: int) -> str:
        names = self._universe.names
        pairs = [
            f"{names[one].decode()} and {names[other].decode()}"
            for one, other in sorted(self._outcome.conflicting[index])
        ]
        if not pairs:
            return "cannot stand beside the essential packages"
        return f"every choice of what it needs holds a pair that conflicts: {'; '.join(pairs)}"
