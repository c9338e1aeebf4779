"""Whatever an archive says, nothing appears outside its destination."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path

import zstandard
from archive_sample import listing
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.locate.lz4 import decode_block
from duanban.locate.unpack import unpack
from duanban.locate.writer import Limits
from duanban.model.errors import UnpackError

PARTS = st.one_of(
    st.sampled_from(
        ["..", ".", "", "a", "b", "link", "~", "-rf", "C:", "con", "é", "\n", "\\", "..."]
    ),
    st.text(st.characters(exclude_characters="\0/"), max_size=5),
)
NAMES = st.builds(
    lambda start, parts: (start + "/".join(parts))[:200],
    st.sampled_from(["", "/", "//", "./", "../", "..\\", "\\"]),
    st.lists(PARTS, min_size=1, max_size=5),
)
KINDS = st.sampled_from([
    tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE,
    tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, b"Z",
])  # fmt: skip
MEMBERS = st.lists(st.tuples(NAMES, KINDS, NAMES, st.binary(max_size=20)), max_size=12)
LIMITS = Limits(total_bytes=1 << 24, members=1000)


@contextmanager
def arena():
    """A destination deep in a directory whose other content is watched."""
    base = Path(tempfile.mkdtemp(prefix="duanban-test-"))
    try:
        destination = base / "x" / "y" / "destination"
        destination.mkdir(parents=True)
        (base / "canary").write_bytes(b"canary")
        (base / "x/canary").write_bytes(b"canary")
        yield base, destination
        rest = {n for n in listing(base) if not n.startswith("x/y/destination/")}
        assert rest == {"canary", "x", "x/canary", "x/y", "x/y/destination", "archive"}
        assert (base / "canary").read_bytes() == (base / "x/canary").read_bytes() == b"canary"
    finally:
        shutil.rmtree(base)


def attempt(data: bytes) -> None:
    with arena() as (base, destination):
        (base / "archive").write_bytes(data)
        try:
            result = unpack(base / "archive", destination, LIMITS)
        except UnpackError:
            return
        assert result.files == sum(1 for data in listing(destination).values() if data is not None)
        assert (destination / result.top).resolve().is_relative_to(destination)


@settings(max_examples=60)
@given(MEMBERS, st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_tar_members_stay_inside(members, format):
    out = io.BytesIO()
    with tarfile.open(
        fileobj=out, mode="w", format=format, encoding="utf-8", errors="backslashreplace"
    ) as archive:
        for name, kind, target, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data))
    attempt(out.getvalue())


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, st.integers(0, 0xFFFF), st.binary(max_size=20)), max_size=12))
def test_zip_members_stay_inside(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, mode, data in members:
            info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            info.external_attr = mode << 16
            try:
                archive.writestr(info, data)
            except (UserWarning, ValueError):
                continue
    attempt(out.getvalue())


SEED = io.BytesIO()
with tarfile.open(fileobj=SEED, mode="w", format=tarfile.PAX_FORMAT) as _archive:
    for _name in ("a", "é" * 120, "d/e"):
        _info = tarfile.TarInfo(_name)
        _info.size = 3
        _archive.addfile(_info, io.BytesIO(b"abc"))
SEED_ZIP = io.BytesIO()
with zipfile.ZipFile(SEED_ZIP, "w", zipfile.ZIP_DEFLATED) as _zip:
    for _name in ("a", "é", "d/e"):
        _zip.writestr(_name, b"abc" * 10)


@settings(max_examples=100)
@given(
    st.sampled_from([SEED.getvalue(), SEED_ZIP.getvalue(), zstandard.compress(SEED.getvalue())]),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    st.integers(0, 10**6),
)
def test_damage_gives_an_error_or_a_value(data, changes, end):
    """Any bytes changed and any tail cut off: an UnpackError or a result, nothing else."""
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    attempt(bytes(damaged[: len(damaged) - end % len(damaged)]) or b"x")


def lz4_block(pairs: list[tuple[bytes, int, int]], last: bytes) -> tuple[bytes, bytes]:
    """A block from (literals, offset, match length) sequences, and what it must decode to."""
    block, plain = bytearray(), bytearray()

    def number(value: int) -> bytes:
        return b"\xff" * (value // 255) + bytes([value % 255])

    for literals, offset, length in [*pairs, (last, 0, 4)]:
        first, second = len(literals), length - 4
        block.append(min(first, 15) << 4 | min(second, 15))
        block += (number(first - 15) if first >= 15 else b"") + literals
        plain += literals
        if offset:
            block += offset.to_bytes(2, "little") + (number(second - 15) if second >= 15 else b"")
            for _ in range(length):  # byte by byte, as the format defines it
                plain.append(plain[-offset])
    return bytes(block), bytes(plain)


@given(
    st.lists(
        st.tuples(st.binary(min_size=1, max_size=300), st.integers(1, 99), st.integers(4, 600))
    ),
    st.binary(max_size=20),
)
def test_lz4_blocks_decode_as_the_format_says(sequences, last):
    size, pairs = 0, []
    for literals, offset, length in sequences:
        size += len(literals)
        pairs.append((literals, min(offset, size), length))
        size += length
    block, plain = lz4_block(pairs, last)
    assert decode_block(block, b"", 1 << 22) == plain


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_lz4_rubbish_is_an_error_or_bounded(data, history):
    with suppress(ValueError):
        assert len(decode_block(data, history, 5000)) <= 5000
