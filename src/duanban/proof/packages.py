"""Headers and libraries of Debian packages for one machine.

Of a library the static one is taken where there is one: what is built with it needs nothing at run
time. A shared one needs the C library of the same Debian, which only Debian's own tools have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.locate.interface import Progress
from duanban.proof.closure import NAME, unpacked
from duanban.proof.interface import Tool
from duanban.targets.interface import Architecture

_OF_THE_COMPILER = (
    r"(libc6|libc-dev-bin|linux-libc-dev|libgcc|gcc-|libstdc\+\+|libcrypt|rpcsvc|libnsl|libtirpc"
    r"|debconf|dpkg|perl|python|libpython|tzdata|pkgconf|libpkgconf|libdpkg|media-types)"
)
"""Of the closure: what the compiler has its own of, and programs."""


@dataclass(frozen=True, slots=True)
class Libraries:
    """A directory with the files of some packages; none at all without a root."""

    root: Path | None = None
    triplet: str = ""
    """The directory of the machine among headers and libraries."""
    shared: bool = False
    """Whether shared libraries are among them."""
    packages: tuple[Tool, ...] = ()

    @property
    def includes(self) -> tuple[Path, ...]:
        """Directories of headers."""
        return self._existing("usr/include", f"usr/include/{self.triplet}")

    @property
    def directories(self) -> tuple[Path, ...]:
        """Directories of libraries."""
        return self._existing("usr/lib", f"usr/lib/{self.triplet}")

    @property
    def environment(self) -> dict[str, str]:
        """Where pkg-config, CMake, and the loader if there is something for it, are to look."""
        if self.root is None:
            return {}
        pkgconfig = self._existing(f"usr/lib/{self.triplet}/pkgconfig", "usr/share/pkgconfig")
        found = {
            "PKG_CONFIG_LIBDIR": ":".join(map(str, pkgconfig)),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root),
            "CMAKE_PREFIX_PATH": str(self.root / "usr"),
            "CMAKE_LIBRARY_PATH": str(self.root / "usr/lib" / self.triplet),
            "CMAKE_INCLUDE_PATH": str(self.root / "usr/include" / self.triplet),
        }
        if standard := self._existing(*_rust(self.root)):
            found["RUSTFLAGS"] = " ".join(f"-L{path}" for path in standard)
            found["RUSTDOCFLAGS"] = found["RUSTFLAGS"]  # examples in comments are tests
        if self.shared:  # the loader of another machine passes over them
            found["LD_LIBRARY_PATH"] = str(self.root / "usr/lib" / self.triplet)
        return found

    def _existing(self, *below: str) -> tuple[Path, ...]:
        places = (self.root / one for one in below) if self.root else ()
        return tuple(place for place in places if place.is_dir())


def _rust(root: Path) -> list[str]:
    """Return where Rust's own library for a machine stands."""
    return [str(path.relative_to(root)) for path in root.glob("usr/lib/rustlib/*/lib")]


def libraries(
    names: Sequence[str], machine: Architecture, progress: Progress, *, shared: bool
) -> Libraries:
    """Return the headers and libraries of the packages `names` for `machine`.

    Args:
        names: of packages.
        machine: that they are for.
        progress: told what is fetched.
        shared: whether shared libraries are of use.

    Raises:
        ProofError: a name is none of a Debian package.
        FetchError: apt is missing, or does not have one of them for the machine.
    """
    if not names:
        return Libraries()
    debian = machine.names["debian"][0]
    finish = _only_static_if_there_is_one if shared else _only_static
    got = unpacked(names, debian, progress, without=_OF_THE_COMPILER, finish=finish)
    triplet = f"{machine.name}-linux-gnu"
    return Libraries(got.root, triplet, shared, got.versions(names))


def _only_static(root: Path) -> None:
    for path in root.rglob("*.so*"):
        if path.is_symlink() or not path.is_dir():  # ld.so.conf.d is one
            path.unlink()


def _only_static_if_there_is_one(root: Path) -> None:
    for path in root.rglob("*.so"):
        if path.with_suffix(".a").exists():
            path.unlink()


def build_depends(tree: Path) -> tuple[str, ...]:
    """Return the development packages that a `debian/control` of the tree names for its build."""
    try:
        text = (tree / "debian" / "control").read_text("utf-8", errors="replace")
    except OSError:
        return ()
    stanza = text.split("\n\n", 1)[0]
    field = re.search(r"^Build-Depends:((?:.|\n[ \t])*)", stanza, re.MULTILINE | re.IGNORECASE)
    words = field[1].split(",") if field else []
    first = (word.split("|")[0].split("(")[0].split("[")[0].split("<")[0] for word in words)
    names = (word.strip().split(":")[0] for word in first)
    return tuple(sorted({name for name in names if name.endswith("-dev") and NAME.fullmatch(name)}))
