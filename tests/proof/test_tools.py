"""Packages that are unpacked without being installed, and the tools that come of them."""

import os
import shutil
from pathlib import Path

import pytest

from duanban.model.errors import UsageError
from duanban.proof.closure import unpacked
from duanban.proof.interface import ProofError
from duanban.proof.packages import libraries
from duanban.proof.sandbox.bare import Bare
from duanban.proof.tools import Tools, find_tools, packages_for
from duanban.targets.architectures import architecture

X86, LOONG = architecture("x86_64"), architecture("loongarch64")
APT = """#!/bin/sh
# Stands in for apt-get: one archive, and packages that were made beforehand.
case "$*" in
  *indextargets*) echo "Debian|bookworm|http://archive.example/debian|/keys.gpg" ;;
  *--print-uris*) for f in "$POOL"/*.deb; do echo "'http://x/' ${f##*/} 1 SHA256:0"; done ;;
  *download*) cp "$POOL"/*.deb . ;;
esac
"""
FILES = {
    "libown-dev_1%3a2-3_loong64.deb": {
        "usr/include/own.h": "int own;\n",
        "usr/lib/loongarch64-linux-gnu/libown.a": "",
        "usr/lib/loongarch64-linux-gnu/libown.so": "",
        "usr/lib/loongarch64-linux-gnu/libshared.so": "",
        "usr/lib/loongarch64-linux-gnu/pkgconfig/own.pc": "Name: own\n",
    },
    "libc6_2.43_loong64.deb": {"usr/include/stdio.h": ""},
}


@pytest.fixture
def apt(tmp_path, monkeypatch):
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed")
    pool, programs = tmp_path / "pool", tmp_path / "programs"
    programs.mkdir()
    pool.mkdir()
    for name, files in FILES.items():
        root = tmp_path / "packages" / name
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        control = root / "DEBIAN" / "control"
        control.parent.mkdir()
        control.write_text(
            f"Package: {name.split('_')[0]}\nVersion: 1\nArchitecture: loong64\n"
            "Maintainer: n\nDescription: d\n"
        )
        os.spawnlp(os.P_WAIT, "dpkg-deb", "dpkg-deb", "-b", str(root), str(pool / name))
    (programs / "apt-get").write_text(APT)
    (programs / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("POOL", str(pool))
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "cache"))


def test_packages_are_unpacked_once_and_shared(apt):
    whole = unpacked(("libown-dev",), "loong64", lambda *_: None)
    assert [(tool.name, tool.version) for tool in whole.packages] == [
        ("libc6", "2.43"),
        ("libown-dev", "1:2-3"),
    ]
    assert (whole.root / "usr/include/own.h").read_text() == "int own;\n"
    assert (whole.root / "lib").is_symlink()
    less = unpacked(("libown-dev",), "loong64", lambda *_: None, without="libc6")
    assert not (less.root / "usr/include/stdio.h").exists()
    assert (less.root / "usr/include/own.h").samefile(whole.root / "usr/include/own.h")


def test_libraries_are_static_where_there_are_static_ones(apt):
    static = libraries(("libown-dev",), LOONG, lambda *_: None, shared=False)
    (_, place) = static.directories
    assert sorted(path.name for path in place.glob("lib*")) == ["libown.a"]
    shared = libraries(("libown-dev",), LOONG, lambda *_: None, shared=True)
    (_, place) = shared.directories
    assert sorted(path.name for path in place.glob("lib*")) == ["libown.a", "libshared.so"]
    assert shared.environment["LD_LIBRARY_PATH"] == str(place)
    assert shared.environment["PKG_CONFIG_LIBDIR"] == str(place / "pkgconfig")
    assert [(tool.name, tool.version) for tool in shared.packages] == [("libown-dev", "1:2-3")]


def test_names_of_packages_are_no_options_and_no_paths():
    for name in ("-o", "../x", "a b", ""):
        with pytest.raises(ProofError):
            unpacked((name,), "loong64", lambda *_: None)


def test_debians_tools_are_for_the_machine_and_the_build_system():
    names = packages_for("cmake", LOONG, X86)
    assert {"gcc-loongarch64-linux-gnu", "qemu-user", "bubblewrap", "cmake"} <= set(names)
    assert "gcc-x86_64-linux-gnu" not in packages_for("", X86, X86)


def test_a_directory_has_to_be_like_the_root_of_a_system(tmp_path):
    with pytest.raises(UsageError, match="no usr/bin/sh"):
        find_tools(str(tmp_path), (), X86, lambda *_: None, sandboxed=True)
    with pytest.raises(UsageError, match="exclude each other"):
        find_tools("/", (), X86, lambda *_: None, sandboxed=False)


def test_programs_of_a_directory_are_named_as_the_sandbox_has_them(tmp_path):
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/cc").write_text("")
    tools = Tools(Bare(), tmp_path)
    assert tools.which("cc") == "/usr/bin/cc"
    assert tools.which("gcc") is None
    assert tools.has("/usr/bin")
    assert Path(Tools(Bare()).which("sh") or "").is_absolute()
