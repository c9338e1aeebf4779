"""Target files: those that ship, the schema, and files that break it."""

import json
import re
from datetime import date
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.model import Severity, Truth
from duanban.model.errors import TargetError
from duanban.targets import schema
from duanban.targets.architectures import UNKNOWN_VALUE
from duanban.targets.loader import MAXIMAL_SIZE, list_targets, load_target
from duanban.targets.macros import macro_environment
from duanban.targets.show import describe
from duanban.targets.waivers import expired_waivers

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "targets.md").read_text(encoding="utf-8")
SHIPPED = [summary.id for summary in list_targets()]
MINIMAL = """
schema = "duanban.target/1"
title = "T"
[platform]
architecture = "loong64"
os = "debian"
"""


def write(folder, text, name="mine.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(folder, text):
    with pytest.raises(TargetError) as error:
        load_target(write(folder, text))
    assert "mine.toml" in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_targets_of_the_contract_are_there():
    contract = {f"debian-sid-{name}" for name in ("arm64", "riscv64", "loong64")}
    contract |= {f"openeuler-24.03-{name}" for name in ("aarch64", "loongarch64", "riscv64")}
    assert contract <= set(SHIPPED)
    assert sorted(SHIPPED) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_target_loads_and_is_documented(name):
    target = load_target(name)
    assert target.id == name
    assert target.sources
    assert target.platform.page_sizes
    assert f"`{name}`" in DOCS
    [summary] = [item for item in list_targets() if item.id == name]
    assert summary.architecture == target.architecture.name
    assert (summary.os, summary.os_version) == (target.platform.os, target.platform.os_version)


def test_the_platforms_of_one_system_do_not_drift_apart():
    for name in ("arm64", "riscv64"):
        assert load_target(f"eu-csf-debian-sid-{name}").platform == (
            load_target(f"debian-sid-{name}").platform
        )


@pytest.mark.parametrize(
    "table", [item for item in vars(schema).values() if isinstance(item, type(msgspec.Struct))]
)
def test_every_key_of_the_schema_is_in_the_documented_example(table):
    example = DOCS.split("```toml")[1].split("```")[0]
    for key in get_type_hints(table):
        assert re.search(rf"(^|[\s\[.]){key}\b", example, re.M), key


def test_the_documented_example_loads_as_it_says(tmp_path):
    example = DOCS.split("```toml")[1].split("```")[0]
    target = load_target(write(tmp_path, example))
    assert target.id == "office-2027"
    assert target.architecture.name == "loongarch64"
    assert target.severity == {"chip.page-size.*": Severity.DEGRADES}
    assert target.layers["database"].accepts("pkg:pypi/oracledb@2") is False
    assert target.layers["database"].accepts("pkg:deb/postgresql-17@17") is True
    assert target.layers["database"].accepts("pkg:pypi/other@2") is None
    assert target.objectives[0].levels == {1: ("C-1",), 2: ("C-2",)}
    assert target.milestones[0].date == date(2027, 12, 31)
    assert target.milestones[1].at_least == 0.9
    [waiver] = target.waivers
    assert not expired_waivers(target, waiver.expires)
    assert expired_waivers(target, date(2027, 4, 1)) == (waiver,)
    assert "openEuler 24.03 LTS release notes" in " ".join(target.sources)


def test_a_file_needs_little(tmp_path):
    target = load_target(write(tmp_path, MINIMAL))
    assert target.id == "mine"
    assert target.platform.page_sizes == target.architecture.page_sizes
    assert target.objectives == ()


def test_unknown_keys_are_named(tmp_path):
    assert "architecturf" in refused(tmp_path, MINIMAL + 'architecturf = "x"\n')
    assert "colour" in refused(tmp_path, 'colour = "red"' + MINIMAL)
    assert "$.platform" in refused(tmp_path, MINIMAL + 'architecturf = "x"\n')


@pytest.mark.parametrize(
    ("addition", "named"),
    [
        ("page_sizes = []", "page_sizes"),
        ("page_sizes = [8192]", "8192"),
        ('libc = "newlib"', "libc"),
        ("[layers.kernel]", "layers"),
        ('[severity]\n"a" = "fatal"', "severity"),
        ('[[milestones]]\ndate = 2027-01-01\nmetric = "m"', "milestones"),
        (
            '[[milestones]]\ndate = 2027-01-01\nmetric = "m"\nat_least = 1\nat_most = 2',
            "milestones",
        ),
        ('[[milestones]]\ndate = "soon"\nmetric = "m"\nat_least = 1', "milestones"),
        ('[criteria.C]\nquestion = "?"\nkind = "computed"\nfact = "luck"', "luck"),
        ('[criteria.C]\nquestion = "?"\nkind = "guessed"\nfact = "x"', "kind"),
        ('[[objectives]]\nid = "O"\ntitle = "t"\nweight = 1\nfloor = 0\nlevels.1 = ["Z"]', "'Z'"),
        ('[[objectives]]\nid = "O"\ntitle = "t"\nweight = 1\nfloor = 2\nlevels.1 = []', "floor"),
        ('[[objectives]]\nid = "O"\ntitle = "t"\nweight = 1\nfloor = 0\nlevels.2 = []', "levels"),
        ('[[objectives]]\nid = "O"\ntitle = "t"\nweight = 1\nfloor = 0\nlevels.x = []', "levels"),
        ('[[objectives]]\nid = "O"\ntitle = "t"\nweight = 0\nfloor = 0\nlevels.1 = []', "weight"),
        ('[[waivers]]\nrule = "r"\nmatch = "*"\nreason = ""\nowner = "o"', "waivers"),
    ],
)
def test_what_breaks_the_schema_is_named(tmp_path, addition, named):
    assert named in refused(tmp_path, MINIMAL + addition + "\n")


def test_schema_and_platform_are_required(tmp_path):
    assert "schema" in refused(tmp_path, 'title = "x"')
    assert "platform" in refused(tmp_path, 'schema = "duanban.target/1"\ntitle = "x"')
    refused(tmp_path, MINIMAL.replace("target/1", "target/2"))
    refused(tmp_path, "schema = ")
    refused(tmp_path, MINIMAL.replace("loong64", "z80"))


def test_names_that_lead_nowhere(tmp_path):
    with pytest.raises(TargetError, match="debian-sid-arm64"):
        load_target("debian-sid-z80")
    with pytest.raises(TargetError, match=r"missing\.toml"):
        load_target(str(tmp_path / "missing.toml"))
    with pytest.raises(TargetError):
        load_target("../stacks/debian-sid-arm64")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(TargetError):
        load_target(str(tmp_path / "folder.toml"))


def test_extending_joins_tables_and_replaces_the_platform(tmp_path):
    base = MINIMAL + '[severity]\n"a" = "review"\n"b" = "review"\n'
    write(tmp_path, base, "base.toml")
    own = 'schema = "duanban.target/1"\ntitle = "own"\nextends = "base.toml"\n'
    target = load_target(write(tmp_path, own + '[severity]\n"b" = "blocks"\n'))
    assert target.architecture.name == "loongarch64"
    assert target.severity == {"a": Severity.REVIEW, "b": Severity.BLOCKS}
    moved = load_target(
        write(tmp_path, own + '[platform]\narchitecture = "arm64"\nos = "x"\n', "moved.toml")
    )
    assert (moved.architecture.name, moved.platform.os) == ("aarch64", "x")


def test_extending_in_a_circle_ends(tmp_path):
    text = 'schema = "duanban.target/1"\ntitle = "x"\nextends = "mine.toml"\n'
    assert "circle" in refused(tmp_path, text)


def test_a_huge_file_is_refused(tmp_path):
    assert "larger" in refused(tmp_path, "#" * (MAXIMAL_SIZE + 1))


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda s: s.encode())))
def test_any_bytes_give_a_target_or_a_target_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "x.toml"
    path.write_bytes(data)
    with pytest.raises(TargetError):
        load_target(str(path))


def test_deeply_nested_input_is_refused(tmp_path):
    refused(tmp_path, "a = " + "[" * 100_000)


@pytest.mark.parametrize("name", SHIPPED)
def test_shown_data_is_plain_and_says_where_facts_come_from(name):
    shown = describe(load_target(name), date(2026, 11, 23))
    assert json.loads(json.dumps(shown)) == shown
    facts = shown["architecture"]["facts"]
    assert {fact["kind"] for fact in facts.values()} == {"computed", "documented"}
    assert all(fact["source"] for fact in facts.values())
    assert facts["macros"]["kind"] == "computed"
    assert facts["memory_order"]["kind"] == "documented"


def test_the_preprocessor_of_a_target():
    environment = macro_environment(load_target("debian-sid-loong64"))
    assert environment.defined[b"__loongarch__"] == b"1"
    assert environment.defined[b"__linux__"] == b"1"
    assert environment.defined[b"__GNUC__"] == b"15"
    assert environment.defined[b"__GLIBC_MINOR__"] == b"43"
    assert environment.defined[b"__VERSION__"] == UNKNOWN_VALUE
    assert b"__x86_64__" in environment.undefined
    assert b"__clang__" not in environment.undefined
    assert b"__NR_open" in environment.undefined
    assert not environment.defined.keys() & environment.undefined
    assert environment.has_include(b"stdio.h") is Truth.TRUE
    assert environment.has_include(b"<immintrin.h>") is Truth.FALSE
    assert environment.has_include(b'"zlib.h"') is Truth.UNKNOWN
    assert environment.has_include(b"\xff") is Truth.UNKNOWN


def test_without_a_named_compiler_its_version_is_unknown(tmp_path):
    environment = macro_environment(load_target(write(tmp_path, MINIMAL)))
    assert environment.defined[b"__GNUC__"] == UNKNOWN_VALUE
    assert b"__GLIBC__" not in environment.defined
    assert b"__GLIBC__" not in environment.undefined
