"""Which packages are doubtful as something to want."""

from __future__ import annotations

import pytest

from duanban.staves.doubt import Doubts

MACHINES = "compilers and libraries for other machines"
SUPERSEDED = "versions of which a newer one is on the target"
DOUBTS = Doubts(
    ["gcc-16", "lua5.4", "fpc", "binutils", "e17"],
    {"binutils-mipsen": ["binutils-mips-linux-gnu", "binutils-mipsel-linux-gnu", "libx"]},
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("g++-13-x86-64-linux-gnu", MACHINES),
        ("libc6-arm64-cross", MACHINES),
        ("crossbuild-essential-arm64", MACHINES),
        ("gcc-16-for-build", MACHINES),
        ("binutils-arm-linux-gnueabihf", MACHINES),
        ("gcc-i686-gnu", ""),
        ("binutils-mipsen", MACHINES),
        ("gcc-13", SUPERSEDED),
        ("lua5.1", SUPERSEDED),
        ("gcc-17", ""),
        ("e3", ""),
        ("fpc", ""),
        ("qt6-webengine", ""),
        ("crossfire", ""),
        ("linux-gnu-docs", ""),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert DOUBTS.of_item(name) == kind


def test_a_stave_is_doubtful_if_half_of_what_it_holds_back_is() -> None:
    items = ["gcc-11-cross", "gcc-12", "app", "tool"]
    assert DOUBTS.of_stave("fpc", items, ()) == (
        f"among 4 held back are 1 {MACHINES} and 1 {SUPERSEDED}"
    )
    assert DOUBTS.of_stave("fpc", [*items, "more"], ()) == ""
    assert DOUBTS.of_stave("fpc", ["app"], ["gcc-s390x-linux-gnu"]) != ""
