import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.model.errors import UsageError
from duanban.scan.matchers import ENGINES, build_matcher

PATTERNS = (
    rb"\b_mm(?:256|512)?_[a-z0-9_]+[ \t]*\(",
    rb"^[ \t]*#[ \t]*error",
    rb"rdtsc",
    rb"(?i)x86[-_]64",
    rb"0x[0-9a-f]{4,8}$",
)
TEXT = b"#error no\nint t = rdtsc(); __m256i a = _mm256_add_epi32 (b, c);\nX86-64 0xdeadbeef\n"


def available(engine: str) -> bool:
    module = {"hyperscan": "hyperscan", "re2": "re2", "re": "re"}[engine]
    try:
        __import__(module)
    except ImportError:
        return False
    return True


engines = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(e, marks=pytest.mark.skipif(not available(e), reason=f"{e} is not installed"))
        for e in ENGINES
    ],
)


@engines
def test_every_engine_names_each_pattern_that_occurs_once(engine):
    matcher = build_matcher(PATTERNS, engine)
    assert sorted(matcher.hits(TEXT * 2)) == [0, 1, 2, 3, 4]
    assert list(matcher.hits(b"nothing of it")) == []
    assert list(matcher.hits(b"")) == []
    assert list(matcher.hits(b"x\xff\xfe rdtsc \x80")) == [2]


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [b"_mm_add(", b"#error", b"\n", b" ", b"rdtsc", b"x86_64", b"0xabcd", b"\xff", b"\r"]
        ),
        max_size=30,
    ).map(b"".join)
)
def test_the_engines_agree(data):
    answers = {
        engine: sorted(build_matcher(PATTERNS, engine).hits(data))
        for engine in ENGINES
        if available(engine)
    }
    assert len(set(map(tuple, answers.values()))) == 1, answers


def test_an_engine_that_is_not_there_is_a_usage_error(monkeypatch):
    with pytest.raises(UsageError, match="unknown matcher"):
        build_matcher(PATTERNS, "grep")
    monkeypatch.setitem(__import__("sys").modules, "hyperscan", None)
    monkeypatch.delitem(
        __import__("sys").modules, "duanban.scan.matchers.hyperscan_engine", raising=False
    )
    with pytest.raises(UsageError, match="not installed"):
        build_matcher(PATTERNS, "hyperscan")
    assert build_matcher(PATTERNS).name != "hyperscan"


def test_the_environment_chooses_the_engine(monkeypatch):
    monkeypatch.setenv("DUANBAN_MATCHER", "re")
    assert build_matcher(PATTERNS).name == "re"
