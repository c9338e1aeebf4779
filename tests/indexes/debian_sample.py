"""A Debian archive of a dozen packages, with each way in which a package can be short."""

from __future__ import annotations

from pathlib import Path


def binary(
    name: str, version: str = "1-1", arch: str = "all", source: str = "", **more: str
) -> str:
    lines = [f"Package: {name}", f"Version: {version}", f"Architecture: {arch}"]
    if source:
        lines.append(f"Source: {source}")
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in more.items()]
    return "\n".join([*lines, f"Filename: pool/{name}.deb"]) + "\n\n"


def source(name: str, architectures: str = "any", needs: str = "", version: str = "1-1") -> str:
    told = f"Package: {name}\nVersion: {version}\nArchitecture: {architectures}\n"
    return told + (f"Build-Depends: {needs}\n" if needs else "") + "Directory: pool\n\n"


def packages(arch: str) -> str:
    """The packages of an architecture; amd64 has them all."""
    on_amd64 = arch == "amd64"
    text = binary("build-essential", arch=arch)
    text += binary("same", "2.0-1", arch)
    text += binary("newer", "3.0-1", arch)
    text += binary("libfoo3t64", "3.1-1", arch, "foo", Provides="libfoo3 (= 3.1-1)")
    text += binary("libbar9", "9.0-1", arch, "bar")
    text += binary(f"boot-efi-{arch}", "2.1-1", arch, "boot")
    text += binary("python3-numpy", "1:2.4.6+ds-1", arch, "numpy")
    text += binary("python3-yaml", "6.0.3-1", arch, "pyyaml")
    text += binary("python3-yaml-dbg", "6.0.3-1", arch, "pyyaml")
    text += binary(f"cc-{'x86-64' if on_amd64 else 'loongarch64'}-linux-gnu", "15-1", arch, "cc")
    text += binary("shaky", arch=arch, Depends="jit")
    if on_amd64:
        text += binary("cc-aarch64-linux-gnu", "15-1", arch, "cc")
        text += binary("jit", arch=arch)
        text += binary("needs-jit-to-build", arch=arch)
        text += binary("untried", arch=arch)
        text += binary("half", arch=arch, source="same")
        text += binary("intel-microcode", arch=arch)
    return text


SOURCES = "".join(
    (
        source("build-essential"),
        source("same", version="2.0-1"),
        source("newer", version="3.0-1"),
        source("foo", version="3.1-1"),
        source("bar", version="9.0-1"),
        source("boot", version="2.1-1"),
        source("cc", version="15-1"),
        source("numpy", version="1:2.4.6+ds-1"),
        source("shaky"),
        source("jit", "amd64 arm64"),
        source("needs-jit-to-build", needs="jit"),
        source("untried"),
        source("intel-microcode", "amd64"),
    )
)


def write_archive(directory: Path, *architectures: str) -> list[str]:
    """Write the files of the archive and return their paths."""
    files = [directory / f"{arch}-Packages" for arch in architectures]
    for file, arch in zip(files, architectures, strict=True):
        file.write_text(packages(arch))
    (directory / "all-Sources").write_text(SOURCES)
    return [str(file) for file in (*files, directory / "all-Sources")]


def status(*installed: tuple[str, str, str]) -> str:
    """A dpkg database with packages by name, version and source."""
    return "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
        f"Source: {origin or name}\nVersion: {version}\n\n"
        for name, version, origin in installed
    )
