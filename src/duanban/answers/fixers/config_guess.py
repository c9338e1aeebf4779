"""config.guess and config.sub from before the target → the copies of this machine.

They are taken from where Debian's autotools-dev and automake put them, in the tools of `duanban
prove --tools` before this system; a copy that does not know
the target is no help. Nothing of theirs comes with Duanban: they are under the GPL (with an
exception for configure scripts), and newer ones come with the user's own system.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Work


def places_in(root: Path) -> tuple[Path, ...]:
    """Return where a system whose root is `root` may have copies, the newest first."""
    share = root / "usr/share"
    aside = (share / "libtool/build-aux", share / "gnulib/build-aux")
    return (share / "misc", *sorted(share.glob("automake-*"), reverse=True), *aside)


PLACES = places_in(Path("/"))
NAMES = ("config.guess", "config.sub")


class ConfigGuess:
    """See the module."""

    name = "config-guess"
    title = "config.guess and config.sub become this machine's copies"
    rules = ("toolchain.autotools.config-age",)

    def __init__(self, places: Sequence[Path] = PLACES) -> None:
        self.places = places

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per copy that is too old."""
        for text, ids in work.files(self.rules):
            name = text.path.rpartition("/")[2]
            new = self._newer(work, name) if name in NAMES else None
            if new is None:
                reason = "no newer copy is on this machine; install autotools-dev or automake"
                yield Refusal(self.name, text.path, 1, reason, ids)
            else:
                edit = Edit(0, len(text.data), new)
                why = f"takes this machine's copy, which knows {work.machine}"
                yield Change(self.name, text.path, (edit,), why, (), ids)

    def _newer(self, work: Work, name: str) -> bytes | None:
        word = work.machine.removesuffix("64").encode()
        own = places_in(work.tools) if work.tools else ()
        for place in (*own, *self.places):
            try:
                data = (place / name).read_bytes()
            except OSError:
                continue
            if word in data:
                return data
        return None
