"""CPU speed of the C reader on a directory: `python benchmarks/reader_speed.py DIRECTORY`.

Prints MB/s of each part, the parts as the scan uses them (three targets), and what other ways of
finding the tokens would give (`re` with and without possessive quantifiers, google-re2).
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.languages import language_of
from duanban.scan.readers.c import CSource
from duanban.scan.readers.clexer import _TOKENS, split

MEGABYTE = 1e6
_MACHINES = {
    "aarch64": {b"__aarch64__": b"1", b"__ARM_ARCH": b"8", b"__ARM_NEON": b"1"},
    "riscv64": {b"__riscv": b"1", b"__riscv_xlen": b"64"},
    "loongarch64": {b"__loongarch__": b"1", b"__loongarch64": b"1", b"__loongarch_grlen": b"64"},
}
_COMMON = {
    b"__linux__": b"1", b"__unix__": b"1", b"__GNUC__": b"14", b"__GNUC_MINOR__": b"2",
    b"__LP64__": b"1", b"__BYTE_ORDER__": b"1234", b"__ORDER_LITTLE_ENDIAN__": b"1234",
    b"__STDC__": b"1", b"__CHAR_BIT__": b"8",
}  # fmt: skip
_ABSENT = frozenset(
    (b"__x86_64__", b"__i386__", b"__amd64__", b"_MSC_VER", b"_WIN32", b"__APPLE__", b"__arm__")
)


def environments() -> list[MacroEnvironment]:
    """Return environments of three targets, with the macros that matter to speed."""
    every = {name for macros in _MACHINES.values() for name in macros}
    return [
        MacroEnvironment(
            {**_COMMON, **macros}, _ABSENT | (every - set(macros)), lambda _: Truth.UNKNOWN
        )
        for macros in _MACHINES.values()
    ]


def read_all(root: str, limit: int) -> list[bytes]:
    """Return the C files under `root`, up to `limit` bytes in all."""
    found, size = [], 0
    for path in sorted(Path(root).rglob("*")):
        if language_of(str(path), b"") == "c" and path.is_file():
            found.append(path.read_bytes())
            size += len(found[-1])
            if size > limit:
                break
    return found


def measure(title: str, work: Callable[[bytes], object], data: Sequence[bytes]) -> None:
    """Print the best of three runs of `work` over all files."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for text in data:
            work(text)
        best = min(best, time.process_time() - start)
    print(f"{title:44} {sum(map(len, data)) / MEGABYTE / best:8.1f} MB/s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("--megabytes", type=int, default=60)
    options = parser.parse_args()
    data = read_all(options.directory, options.megabytes * 1_000_000)
    print(f"{len(data)} files, {sum(map(len, data)) / MEGABYTE:.1f} MB")
    targets = environments()

    def used(text: bytes, count: int) -> None:
        source = CSource(text)
        _ = source.code
        for target in targets[:count]:
            source.regions(target)

    def views(text: bytes) -> None:
        source = CSource(text)
        _ = source.code, source.strings, source.directives, source.asm

    measure("tokens (possessive re.split, as used)", split, data)
    measure("code view", lambda text: CSource(text).code, data)
    measure("all four views", views, data)
    measure("code view and regions, one target", lambda text: used(text, 1), data)
    measure("code view and regions, three targets", lambda text: used(text, 3), data)
    plain = re.sub(rb"(?<=[*+}])\+", b"", _TOKENS.pattern)
    backtracking = re.compile(plain, re.DOTALL)
    measure("tokens: re.split, not possessive", backtracking.split, data)
    measure("tokens: re.finditer", lambda text: [m.span() for m in _TOKENS.finditer(text)], data)
    try:
        import re2  # noqa: PLC0415
    except ImportError:
        print("google-re2 is not installed")
        return
    settings = re2.Options()
    settings.encoding = re2.Options.Encoding.LATIN1
    settings.dot_nl = True
    automaton = re2.compile(plain, settings)
    measure("tokens: re2.finditer", lambda text: [m.span() for m in automaton.finditer(text)], data)
    settings.never_capture = True
    automaton = re2.compile(plain, settings)
    measure(
        "tokens: re2.finditer, no captures",
        lambda text: [m.span() for m in automaton.finditer(text)],
        data,
    )


if __name__ == "__main__":
    main()
