"""Options of x86 in lines of cgo and in Cargo's configuration → for x86 only.

`#cgo CFLAGS: -O2 -msse4.2` is parted, and `-msse4.2` stands in `#cgo amd64 CFLAGS:`. In Cargo's
configuration `rustflags` of `[build]` that name a processor or extensions of x86 go to a `[target]`
of x86.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.interface import Edit
from duanban.answers.machine_flags import X86
from duanban.answers.work import Text

_CGO = re.compile(
    rb"^([ \t]*(?://[ \t]*)?#cgo[ \t]+)([\w,!]*)[ \t]*\b(C(?:PP|XX)?FLAGS|LDFLAGS):([^\n]*\n?)",
    re.MULTILINE,
)
_OF_X86 = re.compile(rb"\b(?:amd64|386)\b")
_BUILD = re.compile(rb"^\[build\][ \t]*\r?\n((?:(?!\[)[^\n]*\n?)*)", re.MULTILINE)
_RUSTFLAGS = re.compile(rb"^rustflags[ \t]*=[ \t]*\[([^\]\n]*)\][^\n]*\n?", re.MULTILINE)
_X86_ITEM = re.compile(
    rb"^\"(?:-C[ \t]*)?(?:target-cpu=(?:" + X86.processors + rb")"
    rb"|target-feature=\+(?:sse|ssse|avx|fma|bmi|aes|pclmul|popcnt|lzcnt|adx|f16c)[^\"]*)\"$"
)
SECTION = b"""[target.'cfg(any(target_arch = "x86", target_arch = "x86_64"))']"""


def cgo_edits(text: Text) -> Iterator[Edit]:
    """Yield the edits that part lines of cgo."""
    for match in _CGO.finditer(text.data):
        head, constraint, variable, flags = match.groups()
        found = [m[0] for m in X86.run.finditer(flags)]
        if not found or _OF_X86.search(constraint):
            continue
        end = b"\n" if flags.endswith(b"\n") else b""
        rest = re.sub(rb"[ \t]+", b" ", X86.run.sub(b"", flags)).rstrip()
        own = constraint + b"," if constraint else b""
        lines = head + own + b"amd64 " + variable + b": " + b" ".join(found) + end
        if rest:
            kept = constraint + b" " if constraint else b""
            lines = head + kept + variable + b":" + rest + b"\n" + lines
        yield Edit(match.start(), match.end(), lines)


def cargo_edits(text: Text) -> Iterator[Edit]:
    """Yield the edits that move options of x86 to a section for x86."""
    build = _BUILD.search(text.data)
    flags = _RUSTFLAGS.search(text.data, build.start(1), build.end(1)) if build else None
    if build is None or flags is None:
        return
    moved, kept = _parted([item.strip() for item in flags[1].split(b",") if item.strip()])
    if not moved:
        return
    section = SECTION + b"\nrustflags = [" + b", ".join(moved) + b"]\n"
    if not kept and build[1].strip() == flags[0].strip():
        yield Edit(build.start(), flags.end(), section)
        return
    line = b"rustflags = [" + b", ".join(kept) + b"]\n" if kept else b""
    yield Edit(flags.start(), flags.end(), line)
    end = b"" if text.data.endswith(b"\n") else b"\n"
    yield Edit(len(text.data), len(text.data), end + b"\n" + section)


def _parted(items: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the options of x86, each with the `-C` before it, and the others."""
    moved: list[bytes] = []
    kept: list[bytes] = []
    for item in items:
        if not _X86_ITEM.match(item):
            kept.append(item)
            continue
        if kept and kept[-1] == b'"-C"':
            moved.append(kept.pop())
        moved.append(item)
    return moved, kept
