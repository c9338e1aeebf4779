"""What a finding's confidence is worth: fitted to what came of findings whose truth is known.

A rule says how sure it is that its place needs work, and the place's circumstances multiply that.
`calibration.toml` has, for each kind of rule in each circumstance, how much of what was claimed
came true where compilers and porters have spoken; `benchmarks/judgement/calibrate.py` makes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from duanban.model import Finding


@dataclass(frozen=True, slots=True)
class Calibration:
    """The content of `calibration.toml`."""

    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    """Kinds of rules with the beginnings of their ids; the first that fits counts."""
    factors: dict[tuple[str, str], float]
    """Kind and circumstance to the factor on what is claimed."""
    most: float
    """Nothing that is read off a source has proved surer."""

    def kind(self, rule: str) -> str:
        """Return the kind of a rule; empty if none."""
        return next((name for name, heads in self.kinds if rule.startswith(heads)), "")

    def factor(self, finding: Finding) -> float:
        """Return what the confidence of `finding` is to be multiplied by."""
        return self.factors.get((self.kind(finding.rule), finding.circumstance), 1.0)


@cache
def calibration() -> Calibration:
    """Return the table, read once."""
    content = tomllib.loads(files(__package__).joinpath("calibration.toml").read_text("utf-8"))
    return Calibration(
        tuple((kind["name"], tuple(kind["rules"])) for kind in content["kind"]),
        {(cell["kind"], cell["circumstance"]): cell["factor"] for cell in content.get("cell", ())},
        content["most"],
    )


def calibrated(findings: Sequence[Finding]) -> list[Finding]:
    """Return `findings` with the confidence that such findings have earned."""
    table = calibration()
    return [
        replace(one, confidence=round(min(table.most, one.confidence * table.factor(one)), 3))
        if table.kind(one.rule)
        else one
        for one in findings
    ]
