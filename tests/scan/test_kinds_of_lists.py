"""Each kind of list that docs/lists.md names: with the target left out, and with it named.

The texts are made up in the form of the real files that docs/lists.md names.
"""

import tomllib
from pathlib import Path

import pytest

from duanban.scan.setup import make_examiner
from duanban.scan.siblings import lacking, rows
from duanban.targets.loader import load_target

EXAMINER = make_examiner([load_target("debian-sid-loong64")])

KINDS = {
    kind["name"]: kind
    for kind in tomllib.loads(
        Path(__file__).with_name("data").joinpath("kinds_of_lists.toml").read_text("utf-8")
    )["kind"]
}
PAGE = Path(__file__).parents[2] / "docs" / "lists.md"


def lists_in(name, text):
    record = EXAMINER.examine(name, text.encode())
    return [hit.rule for hit in record.hits[0] if ".list" in hit.rule] if record else []


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_without_the_target_is_told(kind):
    assert lists_in(KINDS[kind]["file"], KINDS[kind]["text"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_with_the_target_is_not(kind):
    text = KINDS[kind]["text"]
    if "more" in KINDS[kind]:
        text += KINDS[kind]["more"]
    else:
        text = text.replace(KINDS[kind]["last"], KINDS[kind]["target"])
    assert lists_in(KINDS[kind]["file"], text) == []


def test_the_page_names_each_kind():
    page = PAGE.read_text("utf-8")
    assert [kind for kind in KINDS if f"| {kind} |" not in page] == []


def test_a_build_constraint_is_told_once():
    assert len(lists_in("a.go", "//go:build amd64 || arm64 || s390x\n\npackage a\n")) == 1
    assert (
        len(lists_in("a.go", "//go:build linux && (amd64 || arm64 || s390x)\n\npackage a\n")) == 1
    )


def test_what_a_build_constraint_leaves_out_is_no_list():
    assert lists_in("a.go", "//go:build !amd64 && !arm64 && !s390x\n\npackage a\n") == []


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        ("arch/x86/cpu.c", "arch/arm/cpu.c", "arch/*"),
        ("asm/jump_x86_64_sysv.S", "asm/jump_ppc64_sysv.S", "asm/jump_*_sysv.S"),
        ("lib/sum_amd64.s", "lib/sum_arm64.s", "lib/sum_*.s"),
        ("native/linux-x86_64/glue.c", "native/linux-aarch64/glue.c", "native/linux-*"),
        ("syscall/numbers-x86_64.h", "syscall/numbers-arm64.h", "syscall/numbers-*.h"),
    ],
)
def test_files_and_directories_for_single_machines_are_rows(first, second, place):
    assert [row.place for row in lacking(rows([first, second]), "loongarch64")] == [place]
    for name in ("loongarch64", "loong64"):
        third = first.replace("x86_64", name).replace("x86", name).replace("amd64", name)
        assert lacking(rows([first, second, third]), "loongarch64") == []
