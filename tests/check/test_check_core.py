"""From locators to a report: each system by itself, the same bytes each time, no silent pass."""

from datetime import date

import pytest

from duanban.check.core import CheckOptions, NotChecked, _other_release, check, make_report
from duanban.check.places import ALONE, SERVED
from duanban.locate.interface import Located
from duanban.model import SystemReport, UnknownFact, Verdict
from duanban.report import Options, formats
from duanban.targets.loader import load_target

LOONG = load_target("debian-sid-loong64")
RISCV = load_target("debian-sid-riscv64")
TODAY = date(2026, 11, 24)
TIE = "#include <immintrin.h>\n"


@pytest.fixture
def judged(tmp_path):
    """Return a function that writes files and returns the system's report."""

    def run(files, targets=(LOONG,), **options):
        for name, text in files.items():
            path = tmp_path / "s" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (found,) = check(
            [str(tmp_path / "s")], targets, CheckOptions(jobs=1, cache=False, **options), TODAY
        )
        assert isinstance(found, SystemReport)
        return found

    return run


def test_a_part_that_nothing_is_known_of_is_unknown_not_a_pass(judged):
    (result,) = judged({"requirements.txt": "nobody-knows-this-part\n"}).targets
    assert result.verdict is Verdict.UNKNOWN
    assert any("nobody-knows-this-part" in fact.fact for fact in result.unknown)


@pytest.mark.parametrize(
    ("purl", "release", "noted"),
    [
        ("pkg:deb/debian/qq@1?arch=source", "bookworm", True),
        ("pkg:deb/debian/qq@1?arch=source", "sid", False),
        ("pkg:deb/debian/qq@1?arch=source", "", False),
        ("pkg:deb/ubuntu/qq@1?arch=source", "noble", False),
        ("", "", False),
    ],
)
def test_a_package_of_another_release_than_the_targets_is_noted(tmp_path, purl, release, noted):
    located = Located(tmp_path, "deb:qq", "qq", "1", purl, release=release)
    notes = _other_release(located, [LOONG, RISCV])
    assert len(notes) == noted
    assert all("another release than debian sid" in note.reason for note in notes)


def test_a_clean_tree_runs_and_takes_no_time(judged):
    (result,) = judged({"a.c": "int x;\n"}).targets
    assert result.verdict is Verdict.RUNS
    assert (result.findings, result.unknown, result.fails) == ((), (), ())
    assert result.effort_hours.high == 0


def test_a_tie_is_work_with_a_range(judged):
    (result,) = judged({"a.c": TIE}).targets
    assert result.verdict is Verdict.RUNS_AFTER_CHANGES
    effort = result.effort_hours
    assert 0 < effort.low < effort.likely < effort.high
    assert [failure.path for failure in result.fails] == ["a.c"]
    assert set(result.fails[0].because) <= {finding.id for finding in result.findings}


def test_moving_a_line_changes_the_line_and_not_the_id(judged):
    before = judged({"a.c": TIE}).targets[0].findings
    after = judged({"a.c": "/* new */\n\n\n" + TIE}).targets[0].findings
    assert [f.id for f in after] == [f.id for f in before]
    assert [f.line for f in after] == [f.line + 3 for f in before]


def test_ids_differ_by_file_and_by_repetition(judged):
    ids = [
        finding.id
        for finding in judged({"a.c": TIE + "int x;\n" + TIE, "b.c": TIE}).targets[0].findings
    ]
    assert len(set(ids)) == len(ids) >= 2


def test_an_id_is_the_same_on_every_target(judged):
    both = judged({"a.c": TIE}, (LOONG, RISCV)).targets
    assert {f.id for f in both[0].findings} == {f.id for f in both[1].findings}


def test_gravest_first_and_the_same_every_time(judged):
    files = {f"d{n % 3}/{n}.c": TIE + "__m128 v;\n" for n in range(12)}
    files["z.c"] = "char line[64] __attribute__((aligned(64)));\n"
    first, again = judged(files), judged(dict(reversed(files.items())))
    assert first == again
    ranks = [finding.severity.rank for finding in first.targets[0].findings]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("beside", "served"), [({}, False), ({"src/arm64/sum.c": "int x;\n"}, True)], ids=str
)
def test_files_for_another_machine_are_one_finding_per_rule(judged, beside, served):
    files = {f"src/x86/sum_{n}.c": TIE for n in range(3)} | {"src/main.c": "int y;\n"} | beside
    (result,) = judged(files).targets
    found = [f for f in result.findings if f.rule == "chip.headers.missing"]
    assert len(found) == 1
    assert "3 files under" in found[0].message
    assert found[0].occurrences == 3
    assert found[0].confidence <= (SERVED if served else ALONE)
    known = {finding.id for finding in result.findings}
    assert all(set(failure.because) <= known for failure in result.fails)


def test_a_system_without_content_is_unknown(judged, tmp_path):
    (tmp_path / "s").mkdir()
    (result,) = judged({}).targets
    assert result.verdict is Verdict.UNKNOWN
    assert all(isinstance(fact, UnknownFact) and fact.how for fact in result.unknown)


def test_one_input_that_is_not_there_leaves_the_others(tmp_path):
    (tmp_path / "a.c").write_text(TIE)
    nowhere = str(tmp_path / "nowhere")
    results = list(
        check([nowhere, str(tmp_path / "a.c")], [LOONG], CheckOptions(cache=False), TODAY)
    )
    assert isinstance(results[0], NotChecked)
    assert results[0].locator == nowhere
    assert isinstance(results[1], SystemReport)
    report = make_report([results[1]])
    for form in formats().values():
        assert form.render(report, Options()) == form.render(report, Options())


def test_a_shared_name_in_a_file_of_the_target_is_its_own(judged):
    """LoongArch's vector types are called as Intel's are."""
    text = "#include <lasxintrin.h>\n__m256i sum(__m256i a) { return a; }\n"
    (result,) = judged(dict.fromkeys(("src/loongarch/sum_lasx.c", "src/sum.c"), text)).targets
    found = {f.path for f in result.findings if f.rule == "chip.intrinsics.x86-types"}
    assert found == {"src/sum.c"}
