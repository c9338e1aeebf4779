"""Documented answers: ports of toolchains, changes that wait, builds by others, one's own."""

from __future__ import annotations

import pytest

from duanban.indexes.answers import shipped
from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index
from duanban.indexes.wanted import wanted_of
from duanban.model import Component, ComponentState
from duanban.model.errors import UsageError
from duanban.targets.loader import load_target

LOONG, RISCV = load_target("debian-sid-loong64"), load_target("debian-sid-riscv64")


def ask(index, purl, target):
    return index.offers(wanted_of(Component(purl, ComponentState.LOCKED)), target)


@pytest.mark.parametrize(
    ("purl", "target", "answer"),
    [
        ("pkg:npm/sharp@0.35.5", LOONG, "upstream-change"),
        ("pkg:npm/sharp@0.34.4", RISCV, "other-version"),
        ("pkg:npm/sharp@0.34.5", RISCV, None),
        ("pkg:pypi/numpy@2.3.5", LOONG, "third-party-build"),
        ("pkg:cargo/ring@0.16.20", LOONG, "other-version"),
        ("pkg:cargo/ring@0.17.14", LOONG, "same-version"),
        ("pkg:cargo/serde@1.0.200", RISCV, "same-version"),
        (
            "pkg:golang/golang.org/x/sys@v0.0.0-20211124211545-fe61309f8881",
            LOONG,
            "other-version",
        ),
        ("pkg:golang/golang.org/x/sys@v0.0.0-20220715151400-c0bba94af5f8", LOONG, "same-version"),
        ("pkg:golang/golang.org/x/sys@v0.38.0", LOONG, "same-version"),
        ("pkg:golang/golang.org/x/sys@v0.0.0-20211124211545-fe61309f8881", RISCV, "same-version"),
    ],
)
def test_what_ships(purl, target, answer):
    offers = ask(shipped()[1], purl, target)
    assert [offer.answer.value for offer in offers] == ([answer] if answer else [])
    for offer in offers:
        assert offer.source.date
        assert offer.answer.value == "same-version" or "https://" in offer.detail


OWN = """schema = "duanban.answers/1"
dated = 2026-11-20
[[answers]]
part = "pkg:pypi/city-*"
targets = ["loongarch64"]
answer = "third-party-build"
version = "2.1"
detail = "our own builds"
source = "https://wheels.example/"
read = 2026-11-20
"""


def test_a_file_of_ones_own(store, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    request = Request("ours", known_index("ours", "answers"), (str(file),))
    assert add_index(store, request).dated == "2026-11-20"
    (offer,) = ask(Library(store).named("ours").index, "pkg:pypi/city-maps@2.0", LOONG)
    assert (offer.answer.value, offer.version) == ("third-party-build", "2.1")
    file.write_text(OWN.replace("answer =", "anwser ="))
    with pytest.raises(UsageError, match="anwser"):
        add_index(store, request)
