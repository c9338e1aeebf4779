"""Conditions against the facts of targets."""

from dataclasses import replace

import pytest

from duanban.rules import Condition, applies, concerns
from duanban.targets.loader import load_target

LOONG = load_target("debian-sid-loong64")
ARM = load_target("debian-sid-arm64")
RISCV = load_target("debian-sid-riscv64")


def test_the_empty_condition_always_holds():
    assert applies(Condition(), (), LOONG)


def test_belongs_to_is_for_the_others():
    condition = Condition(belongs_to=("x86_64", "aarch64"))
    assert concerns(condition, LOONG)
    assert not concerns(condition, ARM)


@pytest.mark.parametrize(
    ("table", "absent", "present"),
    [
        ("headers", "immintrin.h", "stdio.h"),
        ("syscalls", "open", "openat"),
        ("builtins", "__builtin_ia32_pause", "__builtin_lsx_vadd_b"),
    ],
)
def test_lookup(table, absent, present):
    condition = Condition(lookup=table)
    assert applies(condition, (absent.encode(),), LOONG)
    assert applies(condition, (None, absent), LOONG)
    assert not applies(condition, (present.encode(),), LOONG)
    assert not applies(condition, (), LOONG)
    assert not applies(condition, (None,), LOONG)


def test_before_compares_dates():
    condition = Condition(before="config_sub")
    known = LOONG.architecture.since["config_sub"]
    assert applies(condition, (b"2018-02-22",), LOONG)
    assert not applies(condition, (known.encode(),), LOONG)
    assert not applies(condition, (b"2018-02-22",), ARM)
    assert not applies(condition, (b"2018",), LOONG)
    assert not applies(Condition(before="nothing"), (b"2018-02-22",), LOONG)


@pytest.mark.parametrize(
    ("fact", "comparison", "target", "expected"),
    [
        ("char_signed", "== false", ARM, True),
        ("char_signed", "== false", LOONG, False),
        ("page_size_max", "> 4096", LOONG, True),
        ("page_size_max", "> 4096", RISCV, False),
        ("page_size_min", "<= 4096", ARM, True),
        ("memory_order", "== weak", RISCV, True),
        ("long_double", "!= x87-80", RISCV, True),
        ("cache_line", "!= 64", ARM, False),
        ("bits", "< 64", ARM, False),
        ("bits", ">= 64", ARM, True),
        ("unaligned_access", "== slow", RISCV, True),
        ("libc", "== glibc", ARM, True),
        ("little_endian", "== true", ARM, True),
    ],
)
def test_where(fact, comparison, target, expected):
    assert concerns(Condition(where=((fact, comparison),)), target) is expected


def test_page_sizes_of_the_system_go_before_those_of_the_architecture():
    condition = Condition(where=(("page_size_max", "> 4096"),))
    small = replace(LOONG, platform=replace(LOONG.platform, page_sizes=(4096,)))
    unsaid = replace(LOONG, platform=replace(LOONG.platform, page_sizes=()))
    assert not concerns(condition, small)
    assert concerns(condition, unsaid)
