"""Files and directories that want to do harm end as a value in `skipped`, or are passed over."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from planted import LOONG, places, scan

from duanban.scan import read as read_module
from duanban.scan.setup import make_examiner
from duanban.scan.tree import ScanOptions, TreeScan, list_tree, scan_tree
from duanban.scan.walk import MAX_DEPTH, Walked
from duanban.targets.loader import load_target

Make = Callable[[Mapping[str, str | bytes]], Path]
TIE = "#include <immintrin.h>\n"


def _reasons(root: Path) -> dict[str, str]:
    return {one.path: one.reason for one in scan(root).scanned.skipped}


def test_devices_pipes_and_sockets_are_never_opened(tree: Make) -> None:
    root = tree({"a.c": TIE})
    os.mkfifo(root / "pipe.c")
    with socket.socket(socket.AF_UNIX) as server:
        # The path of a socket has a short limit, so it is bound from within the directory.
        here = Path.cwd()
        os.chdir(root)
        try:
            server.bind("socket.c")
        finally:
            os.chdir(here)
        reasons = _reasons(root)
    assert reasons == {"pipe.c": "not a regular file", "socket.c": "not a regular file"}


def test_a_file_that_becomes_a_pipe_does_not_block(tree: Make) -> None:
    root = tree({"a.c": TIE, "b.c": TIE})
    walked = list_tree(root)
    (root / "b.c").unlink()
    os.mkfifo(root / "b.c")
    found = _scan_listed(root, walked)
    assert [(s.path, s.reason) for s in found.scanned.skipped] == [
        ("b.c", "cannot be read: not a regular file")
    ]
    assert {path for path, *_ in places(found)} == {"a.c"}


@pytest.mark.parametrize("becomes", ["nothing", "link", "directory"])
def test_a_file_that_changes_under_our_hands(tree: Make, tmp_path: Path, becomes: str) -> None:
    root = tree({"a.c": TIE, "b.c": TIE})
    walked = list_tree(root)
    (root / "b.c").unlink()
    secret = tmp_path / "secret.c"
    secret.write_text(TIE)
    if becomes == "link":
        (root / "b.c").symlink_to(secret)
    elif becomes == "directory":
        (root / "b.c").mkdir()
    found = _scan_listed(root, walked)
    assert [one.path for one in found.scanned.skipped] == ["b.c"]
    assert {path for path, *_ in places(found)} == {"a.c"}


def _scan_listed(root: Path, walked: Walked) -> TreeScan:
    return scan_tree(root, make_examiner([load_target(LOONG)]), ScanOptions(jobs=1), walked)


def test_links_are_not_followed_and_cycles_end(tree: Make, tmp_path: Path) -> None:
    outside = tmp_path / "outside.c"
    outside.write_text(TIE)
    root = tree({"src/a.c": TIE})
    (root / "src" / "again").symlink_to(root)
    (root / "src" / "self").symlink_to("self")
    (root / "src" / "out.c").symlink_to(outside)
    found = scan(root)
    assert {path for path, *_ in places(found)} == {"src/a.c"}
    assert [(s.path, s.reason) for s in found.scanned.skipped] == [
        ("src/out.c", "link that leaves the tree")
    ]


def test_a_very_deep_tree_is_cut_off(tmp_path: Path) -> None:
    root = tmp_path / "deep"
    path = root
    for _ in range(MAX_DEPTH + 5):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "a.c").write_text(TIE)
    (skipped,) = scan(root).scanned.skipped
    assert "nested deeper" in skipped.reason


def test_binaries_are_not_read_as_text(tree: Make) -> None:
    root = tree(
        {"zeros.c": b"\0" * 5000, "late.c": TIE.encode() + b"\0", "image.png": b"\x89PNG\0"}
    )
    assert places(scan(root)) == []


@pytest.mark.parametrize(
    "text",
    [
        TIE.encode("latin-1") + "// gr\xfc\xdfe\n".encode("latin-1"),
        b"\xef\xbb\xbf" + TIE.encode(),
        b"/* \xe5\x9b\xbd \xd6\xd0 */\r\n#include <immintrin.h>\r\n",
        TIE.encode() + b"int f( {{{ /* never closed",
        TIE.encode() + b'const char *s = "never closed',
        TIE.encode() + b"#if (((\n#else\n#endif\n#endif\n#elif\n",
        TIE.encode().rstrip(),
    ],
)
def test_odd_text_is_read_nevertheless(tree: Make, text: bytes) -> None:
    found = places(scan(tree({"a.c": text})))
    assert [path for path, *_ in found] == ["a.c"]


def test_too_large_a_text_is_skipped(tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_module, "MAX_TEXT_SIZE", 2 << 20)
    root = tree({"big.c": TIE + "x" * (2 << 20), "fits.c": TIE + "x" * (1 << 20)})
    assert _reasons(root) == {"big.c": "text larger than 2 MiB"}
    assert {path for path, *_ in places(scan(root))} == {"fits.c"}


@pytest.mark.parametrize(
    "name", [b"new\nline.c", b"tab\there.c", b"esc\x1b[31m.c", b"latin\xfc.c", b"-rf.c", b" .c"]
)
def test_odd_names(tmp_path: Path, name: bytes) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    Path(os.fsdecode(bytes(root) + b"/" + name)).write_text(TIE)
    ((path, *_),) = places(scan(root))
    path.encode()  # reports write UTF-8


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable(tree: Make) -> None:
    root = tree({"a.c": TIE, "closed/b.c": TIE})
    (root / "a.c").chmod(0)
    (root / "closed").chmod(0)
    try:
        reasons = _reasons(root)
    finally:
        (root / "closed").chmod(0o755)
    assert reasons == dict.fromkeys(("a.c", "closed"), "cannot be read: Permission denied")


def test_a_file_that_cannot_be_opened(tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree({"a.c": TIE, "b.c": TIE})
    open_regular = read_module.open_regular

    def refuse(path: str) -> int:
        if path.endswith("b.c"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_regular(path)

    monkeypatch.setattr(read_module, "open_regular", refuse)
    found = scan(root)
    assert [(s.path, s.reason) for s in found.scanned.skipped] == [
        ("b.c", "cannot be read: Permission denied")
    ]
    assert {path for path, *_ in places(found)} == {"a.c"}


@pytest.mark.parametrize("size", [0, 10, len(TIE)])
def test_a_file_that_is_cut_short_while_we_look(tree: Make, size: int) -> None:
    root = tree({"a.c": "\n" * (2 << 20) + TIE, "b.c": TIE})
    walked = list_tree(root)
    os.truncate(root / "a.c", size)
    found = _scan_listed(root, walked)
    assert {path for path, *_ in places(found)} == {"b.c"}


def test_an_empty_tree(tmp_path: Path) -> None:
    found = scan(tmp_path)
    assert (found.scanned.files, found.records) == (0, ())


def test_nested_conditions_without_end(tree: Make) -> None:
    deep = "#if A\n" * 5_000 + TIE
    chain = "#if A0\n" + "".join(f"#elif A{n}\n" for n in range(5_000)) + TIE + "#endif\n"
    brackets = "#if " + "(" * 5_000 + "1\n" + TIE + "#endif\n"
    found = places(scan(tree({"deep.c": deep, "chain.c": chain, "brackets.c": brackets})))
    # Nobody defines A, so what stands under it is not compiled; of the 5,000 names of the chain
    # only so many are looked for.
    assert {(path, certain) for path, *_, certain in found} == {
        ("chain.c", False),
        ("brackets.c", False),
    }
