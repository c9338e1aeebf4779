import struct

import pytest
from inventory_sample import elf

from duanban.inventory.native import pattern_of

PE = (
    b"MZ"
    + bytes(58)
    + struct.pack("<I", 64)
    + b"PE\0\0"
    + struct.pack("<HHIIIHH", 0x8664, *[0] * 6)
)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("prebuilds/linux-x64/a.node", "prebuilds/linux-*/a.node"),
        ("lib/x86_64-linux-gnu/libz.so", "lib/*-linux/libz.so"),
        ("@img/sharp-linuxmusl-arm64/lib.node", "@img/sharp-linux-*/lib.node"),
        ("native/linux64/libfoo-aarch64.so", "native/linux64/libfoo-*.so"),
        ("alarm/harmony.so", "alarm/harmony.so"),
    ],
)
def test_patterns(path, pattern):
    assert pattern_of(path) == pattern


def test_vendored_binary_for_another_machine_blocks(tree, target):
    tree.add("vendor/libfoo.so", elf("x86_64")).add("vendor/libbar.so", elf("x86_64"))
    (finding,), _ = tree.judge(target("loong64"))
    assert (finding.rule, finding.severity.value) == ("chip.payload.elf", "blocks")
    assert (finding.path, finding.occurrences) == ("vendor/libbar.so", 2)


@pytest.mark.parametrize(
    "paths",
    [
        {"x86_64": "prebuilds/linux-x64/a.node", "loongarch64": "prebuilds/linux-loong64/a.node"},
        {"x86_64": "lib/x86_64/liba.so", "loongarch64": "lib/loongarch64/liba.so"},
        {"x86_64": "solver/pc/run", "loongarch64": "solver/dragon/run"},
        {"x86_64": "bin/tool-amd64", "loongarch64": "bin/tool-loong64"},
    ],
)
def test_a_sibling_for_the_target_answers_it(tree, target, paths):
    for machine, path in paths.items():
        tree.add(path, elf(machine))
    assert tree.rules(target("loong64")) == {}
    assert list(tree.rules(target("riscv64"))) == ["chip.payload.elf"]


def test_a_sibling_that_is_not_the_same_file_does_not(tree, target):
    tree.add("lib/x86_64/liba.so", elf("x86_64")).add("lib/x86_64/libb.so", elf("x86_64"))
    tree.add("lib/loongarch64/liba.so", elf("loongarch64"))
    assert list(tree.rules(target("loong64"))) == ["chip.payload.elf"]


def test_one_library_for_several_machines_is_built_once_more(tree, target):
    for machine in ("x86_64", "aarch64"):
        tree.add(f"native/{machine}/liba.so", elf(machine))
    (finding,), _ = tree.judge(target("loong64"))
    assert (finding.occurrences, finding.effort_hours.likely) == (1, 2)


def test_what_a_build_left_beside_its_source_is_made_anew(tree, target):
    tree.add("src/tool", elf("x86_64")).add("src/tool.c", b"int main(void) { return 0; }")
    tree.add("src/a.o", elf("x86_64")).add("src/a.c", b"int a;")
    (finding,), _ = tree.judge(target("loong64"))
    assert (finding.rule, finding.severity.value) == ("chip.payload.product", "review")
    tree.add("src/other", elf("x86_64"))
    assert list(tree.rules(target("loong64"))) == ["chip.payload.elf"]


def test_test_data_is_only_reviewed(tree, target):
    tree.add("tests/corpus/hello", elf("x86_64", 2))
    (finding,), _ = tree.judge(target("arm64"))
    assert (finding.rule, finding.severity.value) == ("chip.payload.test-data", "review")


@pytest.mark.parametrize(
    ("recipe", "rule"),
    [("binding.gyp", "chip.payload.rebuilt"), ("other/binding.gyp", "chip.payload.elf")],
)
def test_an_addon_whose_source_stands_beside_it_is_built_when_installed(tree, target, recipe, rule):
    tree.add("prebuilds/linux-x64/a.node", elf("x86_64")).add(recipe, "{}")
    assert list(tree.rules(target("loong64"))) == [rule]


def test_binaries_of_a_debian_system_belong_to_its_packages(tree, target):
    text = "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
    tree.add("root/var/lib/dpkg/status", text).add("root/usr/bin/ls", elf("x86_64"))
    assert tree.rules(target("arm64")) == {}
    tree.add("root/opt/tool/run", elf("x86_64")).add("root/usr/local/bin/x", elf("x86_64"))
    assert tree.rules(target("arm64")) == {
        "chip.payload.elf": ["root/opt/tool/run", "root/usr/local/bin/x"]
    }


def test_files_of_other_systems_matter_only_where_nothing_is_for_linux(tree, target):
    tree.add("bin/tool.exe", PE)
    assert list(tree.rules(target("arm64"))) == ["os.payload.foreign"]
    tree.add("bin/tool", elf("aarch64", 2))
    assert tree.rules(target("arm64")) == {}


def test_ids_are_stable_and_findings_ordered(tree, target):
    for name in ("b", "a", "c"):
        tree.add(f"{name}/lib.so", elf("x86_64"))
    first, second = tree.judge(target("arm64"))[0], tree.judge(target("arm64"))[0]
    assert first == second
    assert [one.path for one in first] == ["a/lib.so", "b/lib.so", "c/lib.so"]
    assert len({one.id for one in first}) == 3
    assert all(len(one.id) == 16 and int(one.id, 16) >= 0 for one in first)
