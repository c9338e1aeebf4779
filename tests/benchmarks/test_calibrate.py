"""The fit of confidences, and that the table which ships is what it says it was made from."""

import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "judgement"))

from calibrate import PRIOR, TABLE, Cell, Observation, crossed, fit, weights

CELLS = tomllib.loads(TABLE.read_text("utf-8"))["cell"]


def seen(package, is_true, rule="chip.error.unknown-architecture", claimed=0.8):
    return Observation(package, "port", rule, "blocks", "", claimed, is_true)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell['kind']}, {cell['circumstance']}")
def test_each_factor_follows_from_its_counts(cell):
    made = Cell(cell["findings"], cell["true"], cell["claimed"])
    assert made.factor == pytest.approx(cell["factor"], abs=0.03)


def test_few_observations_move_a_factor_little():
    assert Cell(PRIOR, 0, 0.5).factor == 0.5
    assert Cell(0.5, 0, 0.5).factor > 0.9
    assert Cell(1000, 500, 0.5).factor == 1.0


def test_no_package_outweighs_the_others():
    many = [seen("a", False)] * 40
    assert sum(weights(many)) == pytest.approx(4)
    (cell,) = fit([*many, *[seen(name, True) for name in "bcde"]]).values()
    assert cell.number == pytest.approx(8)
    assert cell.true == pytest.approx(4)


def test_a_package_is_not_judged_by_itself():
    assert crossed([seen("a", False)] * 40) == [0.8] * 40
