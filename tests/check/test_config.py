from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.check.config import Config, load_config, parse
from duanban.model.errors import ConfigError

FULL = b"""
targets = ["debian-sid-loong64"]
exclude = ["third_party/**", "*.min.js"]

[[suppress]]
rule = "chip.char-sign"
path = "src/text/*"
reason = "built with -fsigned-char"
owner = "text team"
expires = 2027-06-30

[[suppress]]
id = "0123456789abcdef"
target = "openeuler-*"
reason = "seen"
expires = "2027-01-01"
"""


def test_everything_is_read(tmp_path):
    (tmp_path / "duanban.toml").write_bytes(FULL)
    config = load_config(tmp_path)
    assert config.source == "duanban.toml"
    assert config.targets == ("debian-sid-loong64",)
    first, second = config.suppressions
    assert (first.rule, first.path, first.owner) == ("chip.char-sign", "src/text/*", "text team")
    assert first.expires == date(2027, 6, 30)
    assert first.source == "duanban.toml"
    assert (second.id, second.target) == ("0123456789abcdef", "openeuler-*")
    assert second.expires == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("third_party/a/b.c", True),
        ("a.min.js", True),
        ("js/a.min.js", False),
        ("src/third_party/x.c", False),
    ],
)
def test_excludes(path, expected):
    assert parse(FULL).excludes(path) is expected


def test_pyproject_is_read_where_there_is_no_own_file(tmp_path):
    text = b"[project]\nname='x'\n[tool.duanban]\ntargets = ['a']\n[tool.other]\nx = 1\n"
    (tmp_path / "pyproject.toml").write_bytes(text)
    assert load_config(tmp_path) == Config("pyproject.toml", ("a",))
    (tmp_path / "duanban.toml").write_bytes(b"targets = ['b']")
    assert load_config(tmp_path).targets == ("b",)


def test_nothing_there_is_no_error(tmp_path):
    assert load_config(tmp_path) == Config()
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\nname='x'\n")
    assert load_config(tmp_path) == Config()
    assert load_config(tmp_path / "pyproject.toml") == Config()


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"targets = ['b']")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "duanban.toml").symlink_to(tmp_path / "secret")
    assert load_config(tree) == Config()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"target = ['x']", "target "),
        (b"targets = 'x'", "targets"),
        (b"targets = [1]", "targets"),
        (b"exclude = ['']", "exclude"),
        (b"suppress = 1", "suppress"),
        (b"suppress = [1]", r"suppress\[1\]"),
        (b"[[suppress]]\nrule='x'", r"suppress\[1\]\.reason"),
        (b"[[suppress]]\nrule='x'\nreason='  '", r"suppress\[1\]\.reason"),
        (b"[[suppress]]\nreason='all of it'", r"suppress\[1\]\.rule"),
        (b"[[suppress]]\ntarget='x'\nreason='all of it'", r"suppress\[1\]\.rule"),
        (b"[[suppress]]\nrule='x'\nreason='y'\n[[suppress]]\nwhy=1", r"suppress\[2\]\.why"),
        (b"[[suppress]]\nrule='x'\nreason='y'\nexpires='soon'", r"suppress\[1\]\.expires"),
        (b"[[suppress]]\nrule='x'\nreason='y'\nexpires=2027-01-01T00:00:00", "expires"),
        (b"[[suppress]]\nrule=1\nreason='y'", r"suppress\[1\]\.rule"),
        (b"x = ", "not TOML"),
        (b"\xff\xfe", "not TOML"),
    ],
)
def test_errors_name_the_file_and_the_key(text, names):
    with pytest.raises(ConfigError, match=rf"^some\.toml.*{names}"):
        parse(text, "some.toml")


def test_the_key_is_named_in_full_in_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.duanban]\nspeed = 1\n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: tool\.duanban\.speed"):
        load_config(tmp_path)


def test_a_huge_file_is_refused(tmp_path):
    (tmp_path / "duanban.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigError, match="larger"):
        load_config(tmp_path)


@pytest.mark.parametrize("text", [b"a=" + b"[" * 100_000, b"a" + b".a" * 10_000 + b"=1"])
def test_deep_nesting_is_an_error_and_no_crash(text):
    with pytest.raises(ConfigError):
        parse(text)


@given(st.binary(max_size=80))
def test_any_bytes_give_a_config_or_a_config_error(data):
    try:
        assert isinstance(parse(data), Config)
    except ConfigError as error:
        assert "duanban.toml" in str(error)
