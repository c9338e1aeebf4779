"""The catalogue of alternatives: its schema, its honesty, and how parts are recognised."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from packageurl import PackageURL

from duanban.alternatives import alternatives_for, load_catalogue
from duanban.alternatives.loader import DIRECTORY, read_catalogue
from duanban.cli.main import cli
from duanban.model import EvidenceKind, Finding, Layer, Severity
from duanban.model.errors import RuleError
from duanban.model.finding import Effort
from duanban.rules import load_rules
from duanban.targets.loader import load_target

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue()


def test_size_that_was_promised():
    assert len(CATALOGUE.parts) >= 60
    assert len(CATALOGUE.alternatives) >= 100
    assert {one.layer for one in CATALOGUE.parts.values()} >= {
        *(Layer.DATABASE, Layer.MIDDLEWARE, Layer.RUNTIME, Layer.LIBRARY, Layer.CRYPTO),
    }


def test_every_alternative_is_used_and_says_where_it_runs():
    used = {use.alternative.id for part in CATALOGUE.parts.values() for use in part.uses}
    assert used == set(CATALOGUE.alternatives)
    assert [one.id for one in CATALOGUE.alternatives.values() if not one.supports] == []


def test_what_is_computed_says_package_version_and_day():
    computed = [
        support
        for one in CATALOGUE.alternatives.values()
        for support in one.supports
        if support.kind is EvidenceKind.COMPUTED
    ]
    assert len(computed) > 300
    for support in computed:
        assert re.fullmatch(r"debian-sid: \S+ \S+", support.source)
        assert support.date == CATALOGUE.verified["debian-sid"]


def test_patterns_are_of_package_urls_and_rules_exist():
    known = {rule.id for rule in load_rules()}
    for part in CATALOGUE.parts.values():
        assert set(part.rules) <= known, part.id
        for pattern in part.purls:
            assert PackageURL.from_string(pattern.replace("*", "x")).type, pattern


def finding(rule="x.y", snippet="", message="", component="", path="a.c") -> Finding:
    return Finding(
        id="1", rule=rule, layer=Layer.CHIP, severity=Severity.BLOCKS, confidence=1, path=path,
        line=1, end_line=1, message=message, remedy="", effort_hours=Effort(), snippet=snippet,
        component=component,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (finding(component="pkg:npm/%40parcel/watcher@2.6.0"), "parcel-watcher"),
        (finding(component="pkg:pypi/torch@2.9.0"), "pytorch"),
        (finding(component="pkg:deb/debian/libhyperscan5@5.4?arch=amd64"), "hyperscan"),
        (finding(snippet="#include <cuda_runtime.h>"), "cuda"),
        (finding(snippet='# include "hs/hs.h"'), "hyperscan"),
        (finding(rule="chip.intrinsics.x86"), "x86-simd"),
        (finding("chip.payload.elf", message="lib: libcef.so, x86_64", path="l/libcef.so"), "cef"),
    ],
)
def test_parts_are_recognised(one, part):
    found = alternatives_for(CATALOGUE, load_target("debian-sid-arm64"), (), [one])
    assert part in [each.part for each in found]


@pytest.mark.parametrize(
    "one",
    [
        finding(component="pkg:npm/express@5.0.0"),
        finding(component="pkg:pypi/torchlight@1"),
        finding(snippet="#include <stdio.h>"),
        finding("chip.payload.elf", message="lib: libz.so"),
        finding("chip.page-size.fixed", message="libcef.so"),
    ],
)
def test_other_parts_are_not(one):
    assert alternatives_for(CATALOGUE, load_target("debian-sid-arm64"), (), [one]) == ()


def test_only_what_runs_on_the_target_is_suggested():
    parts = {
        arch: alternatives_for(
            CATALOGUE, load_target(f"debian-sid-{arch}"), ["pkg:pypi/cupy-cuda12x@1"], ()
        )
        for arch in ("arm64", "loong64")
    }
    names = {arch: {s.name for s in found[0].suggestions} for arch, found in parts.items()}
    assert "AMD ROCm (HIP)" in names["arm64"] - names["loong64"]
    assert "OpenBLAS" in names["loong64"]
    hours = [one.effort_hours.likely for one in parts["arm64"][0].suggestions]
    assert hours == sorted(hours)


def test_a_copy_for_another_machine_is_installed_again_where_the_part_has_one():
    target = load_target("debian-sid-loong64")
    installed = [
        finding("library.installed.native", component=f"pkg:{one}@1")
        for one in ("npm/esbuild", "pypi/mkl")
    ]
    found = alternatives_for(CATALOGUE, target, (), installed)
    assert [one.part for one in found] == ["mkl"]
    found = alternatives_for(CATALOGUE, target, ["pkg:npm/esbuild@1"], installed)
    assert [one.part for one in found] == ["esbuild", "mkl"]


def test_commands():
    listed = CliRunner().invoke(cli, ["answers", "list", "--layer", "database", "--format", "json"])
    ids = [row["id"] for row in json.loads(listed.output)]
    assert "oracle-database" in ids
    assert "cuda" not in ids
    page = CliRunner().invoke(cli, ["answers", "show", "oracle-database"]).output
    assert "PostgreSQL" in page
    assert "computed, " in page
    shown = CliRunner().invoke(cli, ["answers", "show", "cuda", "--format", "json"])
    assert json.loads(shown.output)["id"] == "cuda"
    wrong = CliRunner().invoke(cli, ["answers", "show", "oracle-databas"])
    assert wrong.exit_code == 2 or "did you mean oracle-database" in str(wrong.exception)


def write(directory: Path, alternative: str = "", part: str = "") -> Path:
    good = (
        'id = "x"\nname = "X"\nlayer = "database"\nlicence = "MIT"\nsteward = "s"\n'
        'jurisdiction = "CN"\nsources = ["d"]\nasserted = ["x86_64"]\n'
    )
    (directory / "alternatives.toml").write_text(
        f'dated = "2026-11-25"\n[[alternative]]\n{alternative or good}'
    )
    (directory / "p.toml").write_text(f"[[part]]\n{part}" if part else "")
    return directory


PART = (
    'id = "p"\ntitle = "P"\nlayer = "database"\nlicence = "l"\nsteward = "s"\njurisdiction = ""\n'
    'why = "w"\npurls = ["pkg:npm/x"]\n'
)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (PART, "`alternatives` must be a list of tables"),
        (PART + 'alternatives = [{ use = "y", hours = [1, 2], depends = "d" }]', "no alternative"),
        (PART + 'alternatives = [{ use = "x", hours = [2, 1], depends = "d" }]', "two rising"),
        (PART + 'alternatives = [{ use = "x", hours = [1, 2], depends = "" }]', "`depends`"),
        (PART + 'odd = 1\nalternatives = [{ use = "x" }]', "unknown key `odd`"),
        (PART.replace("pkg:", ""), "no pattern"),
        (PART.replace('purls = ["pkg:npm/x"]', ""), "how it is recognised"),
        (PART.replace('"database"', '"databases"'), "`layer` must be one of"),
    ],
)
def test_what_breaks_the_schema_is_named(tmp_path, part, reason):
    if "alternatives" not in part and "must be a list" not in reason:
        part += 'alternatives = [{ use = "x", hours = [1, 2], depends = "d" }]'
    with pytest.raises(RuleError, match=re.escape(reason)):
        read_catalogue(write(tmp_path, part=part))


def test_unknown_machines_are_refused(tmp_path):
    text = 'id = "x"\nsources = ["d"]\nasserted = ["vax"]'
    with pytest.raises(RuleError, match="vax"):
        read_catalogue(write(tmp_path, text))


def test_support_is_looked_up_in_package_files(tmp_path):
    index = tmp_path / "Packages"
    index.write_text("Package: libssl3t64\nVersion: 9.9\n\nPackage: slapd\nVersion: 1\n")
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts/verify_catalogue.py"), "--index", "test", "--date",
         "2026-01-01", f"amd64={index}", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "openssl on x86_64: ['libssl3t64'" in run.stdout
    assert "postgresql on aarch64" in run.stdout


def test_the_page_is_in_step():
    place = ROOT / "scripts" / "generate_docs.py"
    spec = importlib.util.spec_from_file_location("generate_docs", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGES["alternatives"]() in (ROOT / "docs/alternatives.md").read_text("utf-8")
    assert DIRECTORY.name == "catalogue"
