"""CycloneDX: valid by the official schema, deterministic, and read back without loss."""

from dataclasses import replace
from pathlib import Path

import pytest
import report_sample
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.inventory import read_inventory
from duanban.model import (
    Component,
    ComponentState,
    Dependency,
    DependencyKind,
    Report,
    Scanned,
    SystemReport,
    Tool,
)
from duanban.report import Options, format_for

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
NUMPY, LXML, EXTRA = (f"pkg:pypi/{name}@1" for name in ("numpy", "lxml", "extra"))


def render(report: Report) -> str:
    return format_for("x.cdx.json").render(report, Options())


def bill(*systems: SystemReport) -> Report:
    return Report(Tool("duanban", "0"), systems)


def system(components, dependencies=(), name="shop") -> SystemReport:
    return SystemReport(name, name, "1.0", Scanned(), components, (), dependencies)


PARTS = (
    Component(
        "pkg:deb/debian/zlib1g@1:1.2?arch=amd64",
        ComponentState.INSTALLED,
        (),
        "status",
        "pkg:deb/debian/zlib@1:1.2?arch=source",
    ),
    Component("pkg:generic/debian@12", ComponentState.INSTALLED, (), "etc/os-release"),
    Component("pkg:npm/%40a/b@2.0.0", ComponentState.LOCKED, (), "package-lock.json"),
    Component(LXML, ComponentState.EMBEDDED, ("aarch64", "x86_64"), "w/lxml.whl"),
    Component(NUMPY, ComponentState.DECLARED, (), "a file with blanks.txt"),
)
EDGES = (
    Dependency("", (NUMPY,), DependencyKind.DEVELOPMENT, "pyproject.toml"),
    Dependency("", (LXML,), DependencyKind.REQUIRED, "requirements one.txt"),
    Dependency(LXML, (NUMPY,), DependencyKind.REQUIRED, "other.lock"),
    Dependency(NUMPY, ("pkg:npm/%40a/b@2.0.0",), DependencyKind.OPTIONAL, "uv.lock"),
    Dependency(NUMPY, (LXML,), DependencyKind.REQUIRED, "a file with blanks.txt"),
)


def read_back(text: str, directory: Path):
    (directory / "bom.json").write_text(text, "utf-8")
    return read_inventory(directory, ["bom.json"])


def test_valid_and_read_back_without_loss(tmp_path):
    text = render(bill(system(PARTS, EDGES)))
    assert VALIDATOR.validate_str(text) is None
    found = read_back(text, tmp_path)
    assert found.components == PARTS
    assert found.dependencies == EDGES
    assert found.skipped == ()


def test_several_systems_in_one_document(tmp_path):
    text = render(bill(system(PARTS, EDGES), system(PARTS[:2], name="second")))
    assert VALIDATOR.validate_str(text) is None
    found = read_back(text, tmp_path)
    assert (found.components, found.dependencies) == (PARTS, EDGES)


@pytest.mark.parametrize("make", [report_sample.report, report_sample.hostile])
def test_samples_are_valid(make):
    assert VALIDATOR.validate_str(render(make())) is None


def test_deterministic_with_the_day_given(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    one = bill(system(PARTS, EDGES))
    assert render(one) == render(one)
    assert '"timestamp"' not in render(one)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert '"timestamp": "2026-09-21T14:13:20Z"' in render(one)
    changed = replace(one.systems[0], components=PARTS[:1])
    assert render(bill(changed)) != render(one)


NAMES = st.text("abcxyz", min_size=1, max_size=3)
PURLS = st.builds(
    lambda kind, name, version: f"pkg:{kind}/{name}{version and '@' + version}",
    st.sampled_from(["npm", "pypi", "deb/debian"]),
    NAMES,
    NAMES | st.just(""),
)
PATHS = (
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=6)
    .map(str.strip)
    .filter(str.isprintable)
    .filter(bool)
)


@given(st.data())
@settings(max_examples=30)
def test_any_inventory_comes_back(tmp_path_factory, data):
    parts = data.draw(
        st.lists(
            st.builds(
                Component,
                PURLS,
                st.sampled_from(ComponentState),
                st.sampled_from([(), ("x86_64",), ("aarch64", "riscv64")]),
                PATHS,
                st.just("") | PURLS,
            ),
            min_size=1,
            max_size=5,
            unique_by=lambda one: one.purl,
        )
    )
    # A declared part without a version gives way to one with it.
    parts = [one for one in parts if "@" in one.purl or one.state is not ComponentState.DECLARED]
    purls = [one.purl for one in parts]
    if not purls:
        return
    triples = data.draw(
        st.sets(
            st.tuples(
                st.sampled_from(["", *purls]),
                st.sampled_from(purls),
                st.sampled_from(DependencyKind),
                PATHS,
            ),
            max_size=6,
        )
    )
    grouped: dict[tuple[str, DependencyKind, str], set[str]] = {}
    for dependent, wanted, kind, path in triples:
        if dependent != wanted:
            grouped.setdefault((dependent, kind, path), set()).add(wanted)
    edges = tuple(
        Dependency(dependent, tuple(sorted(wanted)), kind, path)
        for (dependent, kind, path), wanted in sorted(grouped.items())
    )
    ordered = tuple(sorted(parts, key=lambda one: one.purl))
    found = read_back(render(bill(system(ordered, edges))), tmp_path_factory.mktemp("bill"))
    assert found.components == ordered
    assert found.dependencies == edges
