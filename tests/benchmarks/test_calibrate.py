"""The fit of confidences, and that the table which ships is what it says it was made from."""

import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "judgement"))

from calibrate import TABLE, Cell, Observation, crossed, fit, most_of, shrunk, weights

CELLS = tomllib.loads(TABLE.read_text("utf-8"))["cell"]


def seen(package, is_true, rule="chip.error.unknown-architecture", claimed=0.8):
    return Observation(package, "port", rule, "blocks", "", claimed, is_true)


def test_the_factors_follow_from_the_counts():
    counted = {
        (cell["kind"], cell["circumstance"]): Cell(cell["findings"], cell["true"], cell["claimed"])
        for cell in CELLS
    }
    made = [cell.factor for cell in shrunk(counted).values()]
    assert made == pytest.approx([cell["factor"] for cell in CELLS], abs=0.05)


def test_few_observations_move_a_factor_little():
    many, few, other = ("a", "x"), ("b", "y"), ("c", "z")
    cells = shrunk({many: Cell(1000, 250, 0.5), few: Cell(0.5, 0, 0.5), other: Cell(500, 250, 0.5)})
    assert cells[many].factor == pytest.approx(0.5, abs=0.02)
    assert cells[other].factor == pytest.approx(1.0, abs=0.02)
    assert 0.5 < cells[few].factor < 1.0


def test_a_cell_learns_from_its_kind():
    cells = {
        ("a", "x"): Cell(100, 5, 0.5),
        ("a", "y"): Cell(1, 0, 0.5),
        ("b", "x"): Cell(100, 60, 0.5),
    }
    factors = shrunk(cells)
    assert factors["a", "y"].factor < 0.8


def test_the_highest_claim_is_one_that_held():
    told = [
        seen(name, is_true)
        for name, is_true in zip(
            "abcdefghijklmnopqrstuvwxyz", [True] * 20 + [False] * 6, strict=True
        )
    ]
    assert most_of(told, [0.9] * 26) == 0.76
    assert most_of(told, [0.3] * 26) == 0.5


def test_no_package_outweighs_the_others():
    many = [seen("a", False)] * 40
    assert sum(weights(many)) == pytest.approx(4)
    (cell,) = fit([*many, *[seen(name, True) for name in "bcde"]]).values()
    assert cell.number == pytest.approx(8)
    assert cell.true == pytest.approx(4)


def test_a_package_is_not_judged_by_itself():
    assert crossed([seen("a", False)] * 40) == [0.8] * 40
