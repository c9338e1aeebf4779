"""What confidences are worth."""

from collections import Counter

import pytest
from check_sample import finding

from duanban.check.calibration import calibrated, calibration
from duanban.scan.setup import expanded_rules

CELLS = sorted(calibration().factors.items())


def test_each_kind_is_of_rules_that_there_are():
    kinds = Counter(calibration().kind(rule.id) for rule in expanded_rules())
    assert {name for name, _ in calibration().kinds} == set(kinds) - {""}


def test_parts_of_others_are_no_kind():
    about = ("library.available.none", "os.package.missing", "chip.payload.elf", "library.copy.old")
    assert [calibration().kind(rule) for rule in about] == [""] * 4


@pytest.mark.parametrize(("cell", "factor"), CELLS)
def test_factors_are_sane(cell, factor):
    assert 0 < factor <= 3
    assert cell[0] in {name for name, _ in calibration().kinds}


def test_a_confidence_is_multiplied_by_the_factor_of_its_cell():
    (kind, circumstance), factor = CELLS[0]
    head = dict(calibration().kinds)[kind][0]
    given = finding(rule=head, confidence=0.1, circumstance=circumstance)
    assert calibrated([given])[0].confidence == pytest.approx(0.1 * factor, abs=0.001)
    assert calibrated([finding(rule="other", confidence=1.0)])[0].confidence == 1.0
    sure = finding(rule=head, confidence=1.0, circumstance=circumstance)
    assert calibrated([sure])[0].confidence <= calibration().most
