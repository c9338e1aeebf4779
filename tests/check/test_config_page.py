"""docs/configuration.md says what the code does."""

import re
from pathlib import Path

from duanban.check.config import parse
from duanban.check.suppress import covers

PAGE = Path(__file__).parents[2].joinpath("docs", "configuration.md").read_text("utf-8")


def test_the_example_can_be_read_and_uses_every_key():
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    config = parse(example.encode())
    assert config.targets
    assert config.exclude
    (suppression,) = config.suppressions
    assert suppression.expires is not None
    assert suppression.owner


def test_globs_cover_what_the_table_says():
    rows = re.findall(r"^\| `(.+?)` \| (`.+`) \| (`.+`) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for glob, covered, others in rows:
        assert all(covers(glob, path) for path in re.findall("`(.+?)`", covered)), glob
        assert not any(covers(glob, path) for path in re.findall("`(.+?)`", others)), glob


def test_a_star_crosses_the_dots_of_a_rule():
    assert "`chip.*` covers `chip.intrinsics.x86`" in PAGE
    assert covers("chip.*", "chip.intrinsics.x86")
