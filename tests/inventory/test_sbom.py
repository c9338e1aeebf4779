"""Bills of materials as inputs; `benchmarks/inventory.py` reads whole ones of other tools."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_sample import Tree

from duanban.inventory import Manifest, Reach, read_inventory
from duanban.inventory.parse import DamagedError
from duanban.inventory.registry import SBOM

A, B, C = "pkg:npm/a@1.0.0", "pkg:deb/debian/b@1?arch=amd64", "pkg:pypi/c@2"
EDGES = {"": {A}, A: {B}, B: {C}}


def cyclonedx(version: str = "1.6") -> dict[str, object]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "metadata": {"component": {"bom-ref": "root", "type": "application", "name": "x"}},
        "components": [
            {"type": "library", "bom-ref": "1", "name": "a", "purl": A,
             "components": [{"type": "library", "bom-ref": "2", "name": "b", "purl": B}]},
            {"type": "library", "name": "c", "purl": C},
            {"type": "library", "bom-ref": "4", "name": "no purl"},
            {"type": "file", "bom-ref": "5", "name": "/etc/passwd"},
        ],
        "dependencies": [
            {"ref": "root", "dependsOn": ["1", "4"]},
            {"ref": "1", "dependsOn": ["2"]},
            {"ref": "2", "dependsOn": [C]},
        ],
    }  # fmt: skip


CYCLONEDX_XML = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
<metadata><component type="application" bom-ref="root"><name>x</name></component></metadata>
<components><component type="library" bom-ref="1"><name>a</name><purl>{A}</purl><components>
<component type="library" bom-ref="2"><name>b</name><purl>{B}</purl></component></components>
</component><component type="library" bom-ref="3"><name>c</name><purl>{C}</purl></component>
<component type="library" bom-ref="4"><name>no purl</name></component></components>
<dependencies><dependency ref="root"><dependency ref="1"/></dependency>
<dependency ref="1"><dependency ref="2"/></dependency>
<dependency ref="2"><dependency ref="3"/></dependency></dependencies></bom>"""


def spdx(version: str = "SPDX-2.3") -> dict[str, object]:
    def package(name: str, purl: str) -> dict[str, object]:
        reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl"}
        references = [reference | {"referenceLocator": purl}] if purl else []
        return {"SPDXID": f"SPDXRef-{name}", "name": name, "externalRefs": references}

    def relation(start: str, kind: str, to: str) -> dict[str, str]:
        return {"spdxElementId": f"SPDXRef-{start}", "relationshipType": kind,
                "relatedSpdxElement": f"SPDXRef-{to}"}  # fmt: skip

    return {
        "spdxVersion": version,
        "packages": [package("root", ""), package("a", A), package("b", B), package("c", C),
                     package("nameless", "")],
        "relationships": [
            relation("DOCUMENT", "DESCRIBES", "root"),
            relation("root", "DEPENDS_ON", "a"),
            relation("b", "DEPENDENCY_OF", "a"),
            relation("b", "DYNAMIC_LINK", "c"),
        ],
    }  # fmt: skip


def tag_value() -> str:
    document = spdx()
    lines = ["SPDXVersion: SPDX-2.3", "DataLicense: CC0-1.0", "SPDXID: SPDXRef-DOCUMENT"]
    for one in document["packages"]:
        lines += ["", f"PackageName: {one['name']}", f"SPDXID: {one['SPDXID']}"]
        lines += ["PackageComment: <text>PackageName: not one\n</text>"]
        lines += [f"ExternalRef: PACKAGE-MANAGER purl {each['referenceLocator']}"
                  for each in one["externalRefs"]]  # fmt: skip
    lines += ["FileName: ./x", "SPDXID: SPDXRef-File"]
    lines += [f"Relationship: {' '.join(one.values())}" for one in document["relationships"]]
    return "\n".join(lines)


def spdx3() -> dict[str, object]:
    def package(name: str, **more: object) -> dict[str, object]:
        return {"type": "software_Package", "spdxId": f"urn:x:{name}", "name": name} | more

    def relation(start: str, kind: str, to: str) -> dict[str, object]:
        return {"type": "Relationship", "from": f"urn:x:{start}", "to": [f"urn:x:{to}"],
                "relationshipType": kind}  # fmt: skip

    other = {"externalIdentifierType": "packageUrl", "identifier": B}
    return {
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "software_Sbom", "spdxId": "urn:x:sbom", "rootElement": ["urn:x:root"]},
            package("root"),
            package("a", software_packageUrl=A),
            package("b", externalIdentifier=[other]),
            package("c", software_packageUrl=C),
            package("nameless"),
            relation("root", "dependsOn", "a"),
            relation("a", "contains", "b"),
            relation("b", "dependsOn", "c"),
        ],
    }


def syft() -> dict[str, object]:
    def artifact(name: str, purl: str, by: str, place: str) -> dict[str, object]:
        return {"id": name, "purl": purl, "foundBy": by, "locations": [{"path": place}]}

    return {
        "artifacts": [
            artifact("1", A, "javascript-lock-cataloger", "/package-lock.json"),
            artifact("2", B, "dpkg-db-cataloger", "/var/lib/dpkg/status"),
            artifact("3", C, "python-installed-package-cataloger", "/x/METADATA"),
        ],
        "artifactRelationships": [
            {"parent": "2", "child": "1", "type": "dependency-of"},
            {"parent": "3", "child": "2", "type": "dependency-of"},
        ],
        "schema": {"version": "16.0.0", "url": "https://example.org/anchore/syft/schema.json"},
    }


BILLS = {
    **{f"cdx-{v}": ("x.cdx.json", json.dumps(cyclonedx(v))) for v in ("1.4", "1.5", "1.6", "1.7")},
    "cdx-xml": ("bom.xml", CYCLONEDX_XML),
    "spdx-2.2": ("x.spdx.json", json.dumps(spdx("SPDX-2.2"))),
    "spdx-2.3": ("sbom.json", json.dumps(spdx())),
    "spdx-tags": ("x.spdx", tag_value()),
    "spdx-3": ("x.spdx3.json", json.dumps(spdx3())),
    "syft": ("x.syft.json", json.dumps(syft())),
}


@pytest.mark.parametrize("kind", BILLS)
def test_every_format_gives_the_same_parts_and_edges(tree: Tree, kind):
    name, text = BILLS[kind]
    inventory = tree.add(name, text).inventory()
    states = {one.purl: one.state.value for one in inventory.components}
    assert states.keys() == {A, B, C}
    assert states[B] == "installed"
    assert states[C] == ("installed" if kind == "syft" else "locked")
    found = {one.dependent: set(one.requires) for one in inventory.dependencies}
    assert found == {own: to for own, to in EDGES.items() if own or kind != "syft"}
    reach = Reach(inventory.components, inventory.dependencies)
    assert reach.route(C).through == (A, B, C)
    if kind != "syft":
        assert "1 parts" in inventory.skipped[0].reason


@pytest.mark.parametrize("phase", ["pre-build", "operations", "post-build", "decommission"])
def test_lifecycles_tell_the_state(tree, phase):
    document = cyclonedx()
    document["metadata"]["lifecycles"] = [{"phase": phase}]
    tree.add("bom.json", json.dumps(document))
    states = {one.purl: one.state.value for one in tree.inventory().components}
    expected = {"pre-build": "locked", "operations": "installed", "post-build": "embedded"}
    assert states[C] == expected.get(phase, "locked")


def test_a_bill_given_as_the_input_may_have_any_name(tree):
    place = tree.add("what-we-run.json", json.dumps(cyclonedx())).root / "what-we-run.json"
    assert len(read_inventory(place, ["what-we-run.json"]).components) == 3
    assert read_inventory(tree.root, ["what-we-run.json"]).components == ()


def test_source_packages_and_bills_of_wheels(tree):
    document = cyclonedx()
    document["metadata"]["component"] |= {"purl": "pkg:pypi/My_part@1"}
    document["components"] = [
        {"type": "library", "name": "b", "purl": "pkg:deb/debian/b@1?arch=source"},
        {"type": "library", "bom-ref": "1", "name": "s", "purl": "pkg:cargo/s@1"},
        {"type": "library", "bom-ref": "2", "name": "my_part", "purl": "pkg:pypi/My_part@1"},
    ]
    info = "lib/site-packages/my_part-1.dist-info"
    tree.add(f"{info}/sboms/p.cdx.json", json.dumps(document))
    tree.add(f"{info}/WHEEL", "Tag: py3-none-any\n").add(f"{info}/INSTALLER", "pip\n")
    inventory = tree.inventory()
    assert {one.purl: one.state.value for one in inventory.components} == {
        "pkg:cargo/s@1": "embedded",
        "pkg:pypi/my-part@1": "installed",
    }
    edges = [(one.dependent, one.requires) for one in inventory.dependencies]
    assert ("pkg:pypi/my-part@1", ("pkg:cargo/s@1",)) in edges


def test_a_bill_alone_does_not_say_that_its_parts_run(tree, target):
    tree.add("bom.json", json.dumps(cyclonedx()))
    findings, unknown = tree.judge(target("loong64"))
    assert findings == []
    # Indexes are asked about B anyhow; of the part without a package URL nobody knows anything.
    assert {one.parts for one in unknown} == {(A,), (C,), ()}
    assert "1 part of bom.json without a package URL" in unknown[0].fact
    assert "1 Python package of bom.json" in unknown[1].fact


def test_what_is_no_package_asks_nothing(tree, target):
    system = {"type": "operating-system", "bom-ref": "os", "name": "debian"}
    tree.add("bom.json", json.dumps(cyclonedx() | {"components": [system], "dependencies": []}))
    assert tree.judge(target("loong64")) == ([], [])


KEYS = st.sampled_from(
    [
        *("bomFormat", "CycloneDX", "components", "purl", "bom-ref", "dependencies", "dependsOn"),
        *("spdxVersion", "SPDX-2.3", "packages", "SPDXID", "externalRefs", "relationships", A),
        *("@graph", "@context", "spdx.org", "type", "to", "from", "rootElement", "artifacts"),
        *("software_Package", "properties", "metadata", "duanban:dependency", "schema", "ref"),
        "required pkg:npm/a x",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6), st.sampled_from([cyclonedx, spdx, spdx3, syft]))
@settings(max_examples=60)
def test_wrong_types_everywhere(noise, make):
    SBOM.read(Manifest("bom.json", json.dumps(make() | noise).encode), ())


@pytest.mark.parametrize("kind", ["cdx-xml", "spdx-tags", "cdx-1.6", "spdx-3"])
@given(share=st.floats(0, 1), flip=st.binary(min_size=1, max_size=3))
@settings(max_examples=30)
def test_damaged_bills_end_in_a_reason_at_most(kind, share, flip):
    name, text = BILLS[kind]
    data = text.encode()
    place = int(share * len(data))
    for damaged in (data[:place], data[:place] + flip + data[place + 1 :]):
        try:
            SBOM.read(Manifest(name, lambda found=damaged: found), ())
        except DamagedError as error:
            assert str(error).isprintable()
