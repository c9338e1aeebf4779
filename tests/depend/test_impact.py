"""Removal impact against taking each package away and looking."""

from __future__ import annotations

import random

import pytest
from click.testing import CliRunner
from packages import stanza, universe

from duanban.cli.main import cli
from duanban.depend.impact import impacts
from duanban.depend.installable import check
from duanban.depend.universe import Universe


def lost_without(made: Universe, gone: int, sound: set[int]) -> set[int]:
    """Return what is not closed any more once `gone` is taken away (the definition)."""
    alive = sound - {gone}
    while True:
        left = {i for i in alive if all(alive & {*made.providers[c]} for c in made.depends[i])}
        if left == alive:
            return sound - left - {gone}
        alive = left


@pytest.mark.parametrize("seed", range(10))
def test_taking_each_away_agrees(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        names = [f"p{number}" for number in range(dice.randint(1, 9))]
        stanzas = [
            stanza(
                name,
                Depends=", ".join(
                    " | ".join(dice.choices([*names, "v"], k=dice.choice([1, 1, 2])))
                    for _ in range(dice.choice([0, 1, 1, 2]))
                ),
                Provides=dice.choice(["", "", "v"]),
            )
            for name in names
        ]
        made = universe(stanzas)
        outcome = check(made)
        sound = {*range(len(names))} - {*outcome.broken}
        found = {one.index: one.packages for one in impacts(made, outcome)}
        assert found == {index: len(lost_without(made, index, sound)) for index in sound}


def test_the_command_names_the_gravest_first(tmp_path) -> None:
    packages, sources = tmp_path / "Packages", tmp_path / "Sources"
    packages.write_text(
        "Package: build-essential\nVersion: 1\nArchitecture: loong64\nDepends: libc\n\n"
        "Package: libc\nVersion: 1\nArchitecture: loong64\n\n"
        "Package: app\nVersion: 2\nArchitecture: loong64\nDepends: libc\n"
    )
    sources.write_text("Package: app\nVersion: 2\nArchitecture: any\n")
    arguments = ["--packages", str(packages), "--sources", str(sources), "--arch", "loong64"]
    output = CliRunner().invoke(cli, ["depend", "impact", *arguments]).output
    assert [line.split() for line in output.splitlines()] == [
        ["packages", "sources", "lost", "without"],
        ["2", "1", "libc", "1"],
        ["0", "1", "build-essential", "1"],
        ["0", "0", "app", "2"],
    ]
