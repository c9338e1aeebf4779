import json

import pytest

from duanban.inventory.npm_platform import Platform

PARCEL, SHARP = "pkg:npm/%40parcel/watcher@2.6.0", "pkg:npm/sharp@0.34.5"


@pytest.mark.parametrize(
    ("arch", "blocked", "wasm"),
    [("arm64", [], []), ("riscv64", [PARCEL], []), ("loong64", [PARCEL], [SHARP])],
)
def test_truth_table_of_packages_with_platform_parts(tree, target, arch, blocked, wasm):
    # esbuild has parts for all three; sharp for riscv64 but not loong64; @parcel/watcher for arm64.
    found = tree.sample("package-lock.json").rules(target(arch))
    assert found.get("library.npm.prebuilt", []) == blocked
    assert found.get("library.npm.wasm", []) == wasm
    assert found["runtime.npm.native-addon"] == ["pkg:npm/better-sqlite3@12.11.1"]


def test_a_finding_stands_at_the_line_of_its_package(tree, target):
    data = tree.sample("package-lock.json").root.joinpath("package-lock.json").read_text()
    findings, _ = tree.judge(target("loong64"))
    for one in findings:
        name = one.message.split()[0]
        assert data.splitlines()[one.line - 1].strip() == f'"node_modules/{name}": {{'


def test_locked_and_installed_are_told_apart(tree):
    tree.sample("package-lock.json")
    tree.add("node_modules/express/package.json", '{"name": "express", "version": "4.22.1"}')
    lock = json.loads(tree.root.joinpath("package-lock.json").read_text())
    version = lock["packages"]["node_modules/express"]["version"]
    tree.add(
        "node_modules/express/package.json", json.dumps({"name": "express", "version": version})
    )
    states = {one.purl: one.state.value for one in tree.inventory().components}
    assert states[f"pkg:npm/express@{version}"] == "installed"
    assert states[SHARP] == "locked"
    assert "pkg:npm/express" not in states


def lock(packages: dict[str, object], version: int = 3) -> str:
    return json.dumps({"lockfileVersion": version, "packages": packages})


def test_required_package_for_other_machines_blocks(tree, target):
    entry = {"version": "1.0.0", "cpu": ["x64"], "os": ["linux"]}
    tree.add("package-lock.json", lock({"node_modules/fast": entry}))
    assert tree.rules(target("loong64")) == {"runtime.npm.platform": ["pkg:npm/fast@1.0.0"]}


@pytest.mark.parametrize("flag", ["optional", "devOptional"])
def test_optional_package_for_other_machines_does_not(tree, target, flag):
    entry = {"version": "1.0.0", "cpu": ["x64"], flag: True}
    tree.add("package-lock.json", lock({"node_modules/fast": entry}))
    assert tree.rules(target("loong64")) == {}


def test_parts_for_another_system_only_are_no_tie(tree, target):
    packages = {
        "node_modules/watch": {"version": "1.0.0", "optionalDependencies": {"mac": "1"}},
        "node_modules/mac": {"version": "1.0.0", "os": ["darwin"], "optional": True},
    }
    assert tree.add("package-lock.json", lock(packages)).rules(target("arm64")) == {}


def test_nearest_part_is_the_one_that_counts(tree, target):
    part = {"version": "1.0.0", "os": ["linux"], "optional": True}
    packages = {
        "node_modules/tool": {"version": "1.0.0", "optionalDependencies": {"part": "1"}},
        "node_modules/part": part | {"cpu": ["x64"]},
        "node_modules/tool/node_modules/part": part | {"cpu": ["loong64"]},
    }
    tree.add("package-lock.json", lock(packages))
    assert tree.rules(target("loong64")) == {}
    assert tree.rules(target("riscv64")) == {"library.npm.prebuilt": ["pkg:npm/tool@1.0.0"]}


def test_version_1_says_that_it_does_not_know(tree, target):
    nested = {"b": {"version": "2.0.0"}}
    document = {"dependencies": {"a": {"version": "1.0.0", "dependencies": nested}}}
    tree.add("npm-shrinkwrap.json", json.dumps(document))
    assert [one.purl for one in tree.inventory().components] == [
        "pkg:npm/a@1.0.0",
        "pkg:npm/b@2.0.0",
    ]
    findings, unknown = tree.judge(target("arm64"))
    assert findings == []
    assert "version 1" in unknown[0].fact


def test_install_scripts_without_a_known_helper_are_one_open_question(tree, target):
    entry = {"version": "1.0.0", "hasInstallScript": True}
    tree.add("package-lock.json", lock({"node_modules/a": entry, "node_modules/b": entry}))
    findings, unknown = tree.judge(target("arm64"))
    assert findings == []
    assert len(unknown) == 1
    assert "a, b" in unknown[0].fact


def test_own_manifest_with_binding_gyp_and_cpu(tree, target):
    document = {"name": "addon", "version": "1.0.0", "cpu": ["x64", "arm64"]}
    tree.add("package.json", json.dumps(document)).add("binding.gyp", "{}")
    assert set(tree.rules(target("arm64"))) == {"runtime.npm.native-addon"}
    assert set(tree.rules(target("loong64"))) == {"runtime.npm.platform"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"cpu": ["arm64", "loong64"]}, True),
        ({"cpu": ["!ia32"]}, True),
        ({"cpu": ["!loong64"]}, False),
        ({"cpu": "any"}, True),
        ({"os": ["darwin"]}, False),
        ({"os": ["!win32"], "libc": ["musl"]}, False),
        ({"libc": ["glibc"]}, True),
        ({"cpu": 7, "os": {"a": 1}}, True),
    ],
)
def test_platform_fields(fields, expected, target):
    assert Platform.of(fields).fits(target("loong64")) is expected


@pytest.mark.parametrize(
    ("optional", "rules"),
    [
        (
            ["@a/addon-linux-x64", "@a/addon-linux-arm64", "@a/addon-darwin-x64"],
            ["library.npm.prebuilt"],
        ),
        (["@a/addon-linux-x64", "@a/addon-wasm32"], ["library.npm.wasm"]),
        (["@a/addon-linux-x64-gnu", "@a/addon-linux-loong64-gnu"], []),
        (["@a/addon-linux-x64-musl", "@a/addon-linux-loong64-musl"], ["library.npm.prebuilt"]),
        (["@a/addon-linuxmusl-loong64", "@a/addon-linux-x64"], ["library.npm.prebuilt"]),
        (["@a/addon-win32-x64", "fsevents"], []),
        (["@addon/linux-x64", "@addon/linux-arm"], ["library.npm.prebuilt"]),
        (["@b/other-linux-x64", "@b/other-linux-arm64", "matrix64"], []),
    ],
)
def test_optional_packages_tell_their_platform_by_name(tree, target, optional, rules):
    content = {
        "name": "@s/addon",
        "version": "1.0.0",
        "optionalDependencies": dict.fromkeys(optional, "1"),
    }
    tree.add("package.json", json.dumps(content))
    assert list(tree.rules(target("loong64"))) == rules
