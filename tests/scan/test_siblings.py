"""Rows of directories and files for several machines."""

import pytest

from duanban.scan.siblings import is_needed, is_optional, lacking, rows, size_of


@pytest.mark.parametrize(
    ("paths", "places"),
    [
        (["src/x86/a.c", "src/arm64/a.c"], ["src/*"]),
        (["asm/jump_x86_64.S", "asm/jump_ppc64.S"], ["asm/jump_*.S"]),
        (["src/x86/a.c", "src/arm64/a.c", "src/riscv/a.c"], []),
        (["src/x86/a.c", "src/arm64/a.c", "src/generic/a.c"], []),
        (["src/sum_x86.c", "src/sum_arm.c", "src/sum.c"], []),
        (["src/x86/a.c", "src/x86_64/a.c"], []),
        (["tests/x86/a.c", "tests/arm64/a.c"], []),
        (["img/x86.png", "img/arm.png"], []),
        (["a/x86/b.c", "a/arm/b.c", "a/x_x86.c", "a/x_arm.c", "a/x_mips.c"], ["a/x_*.c"]),
    ],
)
def test_rows(paths, places):
    assert [row.place for row in lacking(rows(paths), "riscv64")] == places


def test_the_size_is_that_of_the_machine_in_the_middle():
    sizes = {"s/x86/a.c": 10, "s/x86/b.c": 90, "s/arm/a.c": 30, "s/mips/a.c": 50}
    (row,) = lacking(rows(list(sizes)), "riscv64")
    assert size_of(row, sizes) == 50


def test_faster_versions_are_optional():
    (row,) = lacking(rows(["s/x86/sum-sse2.c", "s/arm/sum-neon.c"]), "riscv64")
    assert is_optional(row)


def test_what_each_machine_needs_stands_under_arch():
    paths = ["arch/x86/a.c", "arch/arm/a.c", "common/x86/b.c", "common/arm/b.c"]
    needed, other = lacking(rows(paths), "riscv64")
    assert (is_needed(needed), is_needed(other)) == (True, False)
