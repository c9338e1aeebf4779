"""The statistics of the benchmark of judgement against brute force and known values."""

import math
import random
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "judgement"))

import judgements
import metrics
import places
import sample

SCORES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12)


@given(SCORES, SCORES)
def test_auc_is_the_share_of_ordered_pairs(positives, negatives):
    pairs = list(product(positives, negatives))
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs)
    assert metrics.auc(positives, negatives) == pytest.approx(won / len(pairs))


def test_auc_of_an_empty_side_is_undefined():
    assert math.isnan(metrics.auc([], [1.0]))


@given(SCORES)
def test_ranks_are_the_mean_place_among_equals(values):
    for value, rank in zip(values, metrics.ranks(values), strict=True):
        below = sum(other < value for other in values)
        equal = sum(other == value for other in values)
        assert rank == below + (equal + 1) / 2


@given(st.permutations(range(9)))
def test_spearman_without_ties_is_the_textbook_formula(order):
    distance = sum((a - b) ** 2 for a, b in enumerate(order))
    expected = 1 - 6 * distance / (9 * (81 - 1))
    assert metrics.spearman([float(x) for x in range(9)], [float(x) for x in order]) == (
        pytest.approx(expected)
    )


def test_spearman_with_ties():
    # Ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4: Pearson's by hand is 4.5 / sqrt(4.5 * 5).
    assert metrics.spearman([1, 2, 2, 3], [1, 3, 2, 4]) == pytest.approx(4.5 / math.sqrt(22.5))


def test_spearman_is_undefined_for_all_ties_and_refuses_unequal_lengths():
    assert math.isnan(metrics.spearman([1, 1, 1], [1, 2, 3]))
    with pytest.raises(ValueError, match="2 values against 1"):
        metrics.spearman([1, 2], [1])


def test_counts_and_their_means_per_package():
    first = metrics.count([(True, True), (True, False), (False, True), (False, False)])
    assert first == metrics.Counts(1, 1, 1, 1)
    silent = metrics.count([(True, False)])
    quiet = metrics.count([(False, False)])
    means = metrics.macro([first, silent, quiet])
    assert (means.precision, means.predicting) == (0.5, 1)
    assert (means.recall, means.positive) == (0.25, 2)
    assert math.isnan(quiet.precision)
    assert math.isnan(quiet.recall)


def test_quantile_interpolates():
    assert metrics.quantile([4, 1, 3, 2], 0.5) == 2.5
    assert metrics.quantile([1, 2], 0.0) == 1
    assert metrics.quantile([1, 2], 1.0) == 2


def test_bootstrap_of_the_mean_covers_it_and_is_repeatable():
    chance = random.Random(1)
    values = [chance.gauss(10, 2) for _ in range(200)]

    def statistic(groups):
        return metrics.mean(groups[0])

    interval = metrics.bootstrap([values], statistic, draws=400, seed=3)
    assert interval == metrics.bootstrap([values], statistic, draws=400, seed=3)
    # The standard error is 2 / sqrt(200) = 0.14, so the interval is near 4 * 0.14 wide.
    assert 0.4 < interval.high - interval.low < 0.72
    assert interval.low < metrics.mean(values) < interval.high


FILE = ("p", "loong64", "a.c")


def one_place(start, end):
    return places.Place(*FILE, start, end)


@pytest.mark.parametrize(("line", "near"), [(80, True), (79, False), (122, True), (123, False)])
def test_window_reaches_twenty_lines_either_way(line, near):
    assert places.is_near(one_place(100, 102), [line]) is near


def test_score_and_its_random_control():
    # One flagged line in 1,000; a window of 41 lines holds a random one with chance 0.041.
    result = places.score([one_place(500, 500)], {FILE: {505}}, {FILE: 1000}, draws=4000)
    assert (result.found, result.places, result.flagged) == (1, 1, 1)
    assert result.density == 1.0
    assert result.chance == pytest.approx(0.041, abs=0.012)


def test_control_flags_nothing_in_files_where_nothing_was_flagged():
    result = places.score([one_place(5, 5)], {("p", "loong64", "b.c"): {5}}, {FILE: 10})
    assert (result.found, result.chance, result.flagged) == (0, 0.0, 0)


def test_thin_keeps_the_heaviest_lines_within_the_density():
    ranked = {FILE: {1: 0.2, 2: 0.9, 3: 0.5}}
    assert places.thin(ranked, [FILE], {FILE: 400}, densest=5.0) == {FILE: {2, 3}}


@pytest.mark.parametrize("path", ["tests/x.c", "a/test/lisp/y.el", "libffi/README", "docs/a.c"])
def test_tests_and_documentation_are_aside(path):
    assert places.is_aside(path)


@pytest.mark.parametrize("path", ["src/latest/x.c", "contest.c", "CMakeLists.txt", "src/doc.c"])
def test_sources_are_not_aside(path):
    assert not places.is_aside(path)


def test_held_back_packages_are_refused(tmp_path):
    # sha1("zlib") starts with 5 (development), sha1("lz4") with 9 (held back).
    assert not sample.is_held_back("zlib")
    assert sample.is_held_back("lz4")
    table = tmp_path / "split.csv"
    table.write_text("package,label\nzlib,1\nlz4,0\n", encoding="utf-8")
    with pytest.raises(sample.HeldBackError, match="lz4"):
        sample.read_rows(table)
    table.write_text("package,label\nzlib,1\n", encoding="utf-8")
    assert sample.read_rows(table) == [{"package": "zlib", "label": "1"}]


def test_a_tool_that_writes_nothing_leaves_an_error_and_no_report(tmp_path):
    (tmp_path / "trees" / "one").mkdir(parents=True)
    silent = [sys.executable, "-c", ""]
    judgements.run_check(silent, tmp_path / "trees", tmp_path / "reports", ["one"], 60)
    assert not (tmp_path / "reports" / "one.json").exists()
    assert (tmp_path / "reports" / "one.error").read_text() == "no report was written\n"


def test_an_empty_report_is_none(tmp_path):
    (tmp_path / "one.json").touch()
    assert not judgements.is_done(tmp_path / "one.json")
