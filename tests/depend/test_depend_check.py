"""Index files in, report out: `duanban depend check`."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.cli.main import cli
from duanban.depend.check import check_indexes
from duanban.model.errors import UsageError
from duanban.staves.analyse import analyse
from duanban.staves.interface import Indexes

PACKAGES = """\
Package: build-essential
Version: 12
Architecture: loong64

Package: app
Version: 2.0-1
Architecture: loong64
Depends: lib (>= 2),
 data | other
Description: an app
 Depends: this is no field

Package: lib
Version: 1.5-1
Architecture: loong64

Package: data
Version: 1
Architecture: all

Package: foreign
Version: 1
Architecture: amd64
"""

SOURCES = """\
Package: app
Version: 2.0-1
Architecture: any
Build-Depends: lib, missing [amd64], gone [loong64]

Package: data
Version: 1
Architecture: all
Build-Depends-Indep: data

Package: only-amd64
Version: 1
Architecture: amd64
Build-Depends: nowhere

Package: old
Version: 0.1
Architecture: any
Extra-Source-Only: yes
Build-Depends: nowhere
"""

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


def _files(directory: Path, pack: Callable[[bytes], bytes] = bytes) -> tuple[Path, Path]:
    packages, sources = directory / "Packages", directory / "Sources"
    packages.write_bytes(pack(PACKAGES.encode()))
    sources.write_bytes(pack(SOURCES.encode()))
    return packages, sources


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["depend", "check", *map(str, arguments)])


@pytest.mark.parametrize("packer", PACKERS)
def test_the_report_follows_the_schema(tmp_path: Path, packer: str) -> None:
    packages, sources = _files(tmp_path, PACKERS[packer])
    result = _run(
        "--packages", packages, "--sources", sources, "--arch", "loong64", "--format", "json"
    )
    assert json.loads(result.output) == {
        "schema": "duanban.depend/1",
        "arch": "loong64",
        "packages": 4,
        "broken": [
            {
                "package": "app",
                "version": "2.0-1",
                "reason": "needs lib (>= 2), but there is only lib 1.5-1",
            }
        ],
        "sources": 2,
        "unbuildable": [
            {
                "source": "app",
                "version": "2.0-1",
                "reason": "needs gone [loong64], which nothing provides",
            }
        ],
    }


def test_without_sources(tmp_path: Path) -> None:
    packages, _ = _files(tmp_path)
    report = check_indexes(packages, None, "loong64")
    assert (report.sources, report.unbuildable) == (0, ())


def test_the_terminal_tells_the_same(tmp_path: Path) -> None:
    packages, sources = _files(tmp_path)
    output = _run("--packages", packages, "--sources", sources, "--arch", "loong64").output
    assert "1 of 4 packages cannot be installed" in output
    assert "app 2.0-1: needs lib (>= 2), but there is only lib 1.5-1" in output
    assert "1 of 2 sources cannot be built" in output


def test_crlf_is_read_as_well(tmp_path: Path) -> None:
    file = tmp_path / "Packages"
    file.write_bytes(PACKAGES.replace("\n", "\r\n").encode())
    assert check_indexes(file, None, "loong64").packages == 4


def test_blanks_at_line_ends_are_no_part_of_a_value(tmp_path: Path) -> None:
    file = tmp_path / "Packages"
    file.write_bytes(PACKAGES.replace("\n", " \t  \n").replace(" \t  \n \t  \n", "\n\n").encode())
    report = check_indexes(file, None, "loong64")
    assert (report.packages, [one.version for one in report.broken]) == (4, ["2.0-1"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no package stanzas"),
        (b"hello\n" * 100, "no package stanzas"),
        (gzip.compress(PACKAGES.encode())[:-20], "ends early"),
        (lzma.compress(PACKAGES.encode())[:60], "ends early"),
        (b"\xfd7zXZ\0 nonsense", "Packages: "),
        (
            PACKAGES.replace("loong64", "riscv64").replace(": all", ": riscv64").encode(),
            "no package for",
        ),
    ],
)
def test_bad_files_give_one_clear_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "Packages"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=message) as raised:
        check_indexes(file, None, "loong64")
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Packages"
    file.write_bytes(gzip.compress(b"Package: a\n\n" + b" " * (80 << 20)))
    with pytest.raises(UsageError):
        check_indexes(file, None, "loong64")


def test_a_stanza_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Packages"
    file.write_bytes(b"Package: a\nVersion: 1\n" + b"X: y\n" * 4_000_000)
    with pytest.raises(UsageError, match="no stanza ends"):
        check_indexes(file, None, "loong64")


def test_relations_made_to_exhaust_the_memory_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "Packages"
    file.write_text(
        "\n".join(
            f"Package: p{number}\nVersion: 1\nArchitecture: all\nProvides: v\nConflicts: v\n"
            for number in range(1_500)
        )
    )
    with pytest.raises(UsageError, match="conflict"):
        check_indexes(file, None, "loong64")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        check_indexes(tmp_path / "pipe", None, "loong64")


LINES = st.sampled_from([*(PACKAGES + SOURCES).splitlines(), "", " ", ":", "Depends: ,|(", "\0"])


@settings(max_examples=150)
@given(packages=st.lists(LINES, max_size=30), sources=st.lists(LINES, max_size=30))
def test_torn_indexes_give_a_report_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, packages: list[str], sources: list[str]
) -> None:
    directory = tmp_path_factory.mktemp("torn")
    ours, theirs = directory / "Packages", directory / "Sources"
    ours.write_text("\n".join(packages))
    theirs.write_text("\n".join(sources))
    try:
        report = check_indexes(ours, theirs, "loong64")
        analyse(Indexes(ours, ours, theirs, "loong64"), 2)
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert len(report.broken) <= report.packages


def test_help_teaches() -> None:
    output = _run("--help").output
    assert "duanban depend check --packages" in output


def test_a_build_profile_leaves_out_what_it_is_not_for(tmp_path: Path) -> None:
    packages, sources = tmp_path / "Packages", tmp_path / "Sources"
    packages.write_text("Package: build-essential\nVersion: 1\nArchitecture: loong64\n")
    sources.write_text(
        "Package: app\nVersion: 1\nArchitecture: any\n"
        "Build-Depends: tests <!nocheck>, docs <!nodoc>\n"
    )
    arguments = ["--packages", str(packages), "--sources", str(sources), "--arch", "loong64"]

    def unbuildable(*profiles: str) -> str:
        options = [word for profile in profiles for word in ("--profile", profile)]
        result = CliRunner().invoke(cli, ["depend", "check", *arguments, *options])
        return result.output.splitlines()[1].partition(" sources")[0]

    assert unbuildable() == unbuildable("nocheck") == "loong64: 1 of 1"
    assert unbuildable("nocheck", "nodoc") == "loong64: 0 of 1"


def test_an_index_for_another_architecture_is_refused(tmp_path: Path) -> None:
    packages = tmp_path / "Packages"
    packages.write_text(
        "Package: a\nVersion: 1\nArchitecture: loong64\n\n"
        "Package: b\nVersion: 1\nArchitecture: all\n"
    )
    arguments = ["--packages", str(packages), "--arch", "loongarch64"]
    result = CliRunner().invoke(cli, ["depend", "check", *arguments])
    assert result.exit_code != 0
    assert "no package for loongarch64, but for loong64" in str(result.exception or result.output)
