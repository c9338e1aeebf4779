"""The limits that docs/security.md gives are those of the code."""

from pathlib import Path

from duanban.depend.control import MAX_STANZA
from duanban.inventory.edges import MOST_PROVIDERS
from duanban.locate.writer import Limits
from duanban.proof.sandbox import Limits as SandboxLimits
from duanban.scan.read import MAX_TEXT_SIZE
from duanban.scan.walk import MAX_DEPTH

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8").split())


def test_limits():
    limits = Limits()
    for words in (
        f"{limits.total_bytes >> 30} GiB and {limits.members:,} members",
        f"grow {limits.ratio} times (looked at from {limits.ratio_grace >> 20} MiB on)",
        f"nest {limits.depth} directories",
        f"at most {limits.name_bytes} bytes and paths {limits.path_bytes:,}",
        f"Texts over {MAX_TEXT_SIZE >> 20} MiB",
        f"deeper than {MAX_DEPTH}",
        f"end at {MAX_STANZA >> 20} MiB",
        f"stands for {MOST_PROVIDERS} parts at most",
    ):
        assert words in PAGE, words


def test_limits_of_the_sandbox():
    limits = SandboxLimits()
    for words in (
        f"{limits.seconds / 60:.0f} minutes for each command",
        f"{limits.memory >> 30} GiB of memory, {limits.processes} processes",
        f"{limits.output >> 20} MiB of output, {limits.disk >> 30} GiB on disk",
        f"{limits.files:,} files",
        f"hold {limits.temporary >> 20} MiB",
    ):
        assert words in PAGE, words
