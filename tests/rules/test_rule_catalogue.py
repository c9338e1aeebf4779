"""Every rule, on its own examples, in every engine; and what people read of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rule_examples import examples_of, hits

from duanban.model.errors import UsageError
from duanban.rules import expand, load_rules, tables_of
from duanban.rules.catalogue import explanation, row, select
from duanban.scan.setup import expanded_rules

RULES = tuple(rule for rule in load_rules() if rule.judged_by == "scan")
ROOT = Path(__file__).resolve().parents[2]
CASES = [
    pytest.param(rule, example, expected, id=f"{rule.id}-{expected}-{example.name}-{number}")
    for number, (rule, example, expected) in enumerate(examples_of(RULES))
]


@pytest.mark.parametrize(("rule", "example", "expected"), CASES)
def test_example(rule, example, expected):
    assert (rule.id in hits(example)) is expected


@pytest.mark.parametrize("engine", ["re2", "re"])
def test_engines_agree_on_every_example(engine):
    if engine == "re2":
        pytest.importorskip("re2")
    for _, example, _ in examples_of(RULES):
        assert hits(example, engine) == hits(example), (example.name, example.text)


def test_every_expression_means_the_same_to_re2_and_re():
    re2 = pytest.importorskip("re2")
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    texts = [example.text.encode() for _, example, _ in examples_of(RULES)]
    corpus = b"\n".join(texts)
    for rule in expanded_rules():
        for pattern in (*rule.patterns, *rule.prefilter, *rule.excludes):
            expression = b"(?m)" + pattern.encode()
            slow = [m.span() for m in re.finditer(expression, corpus)]
            fast = [m.span() for m in re2.compile(expression, options).finditer(corpus)]
            assert fast == slow, (rule.id, pattern)


def test_prefilter_stands_in_every_file_that_a_pattern_stands_in():
    for rule, example, expected in examples_of(expanded_rules()):
        text = example.text.encode()
        if expected and rule.judged_by == "scan":
            assert any(re.search(b"(?m)" + p.encode(), text) for p in rule.prefilter), rule.id


def test_patterns_do_not_cross_lines_by_chance():
    """`\\s` also takes line ends, and `.` is not what is meant next to them."""
    for rule in RULES:
        for pattern in (*rule.patterns, *rule.prefilter, *rule.excludes):
            assert "\\s" not in pattern, rule.id
            assert not pattern.startswith((".*", "(?m)")), rule.id
            assert not re.search(r"\(\?(?:[=!<]|P=)|\\[1-9]", pattern), rule.id


def test_expansion_leaves_no_placeholder():
    for rule in expanded_rules():
        assert not any(re.search(r"\{[a-z]+\}", p) for p in (*rule.patterns, *rule.prefilter))


def test_expansion_drops_what_can_never_match():
    names = {rule.id for rule in expand(load_rules(), tables_of([]))}
    assert "chip.headers.missing" not in names
    assert "chip.intrinsics.x86" in names


def test_messages_use_known_placeholders():
    for rule in load_rules():
        known = {"match", "target"} | ({"detail"} if rule.judged_by == "inventory" else set())
        assert set(re.findall(r"\{([a-z]+)\}", rule.message)) <= known, rule.id


def test_what_blocks_is_rather_sure_and_what_breaks_compilation_blocks():
    for rule in load_rules():
        assert rule.severity != "blocks" or rule.confidence >= 0.5, rule.id
        assert not rule.breaks_compile or rule.severity == "blocks", rule.id


def test_select_by_pattern_and_by_mistake():
    assert {rule.id for rule in select(RULES, ["chip.intrinsics.x86*"])} == {
        "chip.intrinsics.x86",
        "chip.intrinsics.x86-scalar",
        "chip.intrinsics.x86-types",
    }
    assert select(RULES, []) == RULES
    with pytest.raises(UsageError, match=r"near it: chip\.intrinsics\.x86"):
        select(RULES, ["chip.intrinsic.x86"])


def test_explanation_and_row_show_the_rule():
    (rule,) = select(RULES, ["chip.page.size-constant"])
    assert row(rule) == (rule.id, "degrades", "c", rule.title)
    text = explanation(rule)
    for part in (rule.why, rule.remedy, *rule.sources, "page_size_max > 4096"):
        assert part in text


def test_manual_is_in_step_with_the_rules():
    script = ROOT / "scripts" / "generate_docs.py"
    done = subprocess.run(
        [sys.executable, str(script), "rules", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
