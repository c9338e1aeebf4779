"""RPM and Alpine repositories: what there is of a package, what is broken and why."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index
from duanban.indexes.repository import Packaged, broken
from duanban.indexes.wanted import wanted_of
from duanban.model import Component, ComponentState
from duanban.model.errors import UsageError
from duanban.targets.loader import load_target

LOONG = load_target("openeuler-24.03-loongarch64")


def rpm(name, arch, version="1.0", source="", requires=(), provides=()):
    def entries(kind, names):
        inner = "".join(f'<rpm:entry name="{one}" flags="GE" ver="1"/>' for one in names)
        return f"<rpm:{kind}>{inner}</rpm:{kind}>"

    return (
        f'<package type="rpm"><name>{name}</name><arch>{arch}</arch>'
        f'<version epoch="0" ver="{version}" rel="3.oe2403"/><format>'
        f"<rpm:sourcerpm>{source or name}-{version}-3.oe2403.src.rpm</rpm:sourcerpm>"
        f"{entries('provides', (name, *provides))}{entries('requires', requires)}"
        f"<file>/usr/bin/{name}</file></format></package>"
    )


def repository(directory, arch, *, checksum=""):
    """Write a repository; x86_64 has a package more than the others."""
    packages = [
        rpm("openssl-libs", arch, "3.0", "openssl", provides=("libssl.so.3()(64bit)",)),
        rpm("nginx", arch, "1.24", requires=("libssl.so.3()(64bit)", "rpmlib(X)", "/bin/sh")),
        rpm("python3-numpy", arch, "1.26.4", "numpy"),
        rpm("luaapp", arch, requires=("luajit",)),
        rpm("docs", "noarch"),
    ]
    if arch == "x86_64":
        packages.append(rpm("luajit", arch))
    text = (
        '<?xml version="1.0"?><metadata xmlns="http://linux.duke.edu/metadata/common" '
        f'xmlns:rpm="http://linux.duke.edu/metadata/rpm">{"".join(packages)}</metadata>'
    )
    packed = gzip.compress(text.encode(), mtime=0)
    (directory / "repodata").mkdir(parents=True)
    (directory / "repodata" / "primary.xml.gz").write_bytes(packed)
    checksum = checksum or hashlib.sha256(packed).hexdigest()
    (directory / "repodata" / "repomd.xml").write_text(
        '<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1717200000</revision>'
        f'<data type="primary"><checksum type="sha256">{checksum}</checksum>'
        '<location href="repodata/primary.xml.gz"/></data></repomd>'
    )
    return str(directory)


def open_rpm(store, *given):
    add_index(store, Request("openeuler-24-03", known_index("openeuler-24-03"), given))
    return Library(store).named("openeuler-24-03").index


@pytest.fixture
def index(store, tmp_path):
    loong = repository(tmp_path / "l", "loongarch64")
    return open_rpm(store, loong, repository(tmp_path / "x", "x86_64"))


@pytest.mark.parametrize(
    ("purl", "answer", "detail"),
    [
        ("pkg:rpm/openeuler/nginx@1.24-3.oe2403?arch=x86_64", "same-version", ""),
        ("pkg:rpm/openeuler/nginx@1.20-1?arch=x86_64", "other-version", ""),
        ("pkg:rpm/openeuler/docs@1.0-3.oe2403?arch=noarch", "same-version", ""),
        ("pkg:rpm/openeuler/luajit@1.0-3.oe2403?arch=x86_64", "none", "x86_64 has it"),
        (
            "pkg:rpm/openeuler/luaapp@1.0-3.oe2403?arch=x86_64",
            "none",
            "cannot be installed: needs luajit, which nothing provides",
        ),
        ("pkg:rpm/openeuler/gone@1?arch=x86_64", "none", "on no architecture"),
        ("pkg:pypi/numpy@1.26.4", "same-version", "as a package of the distribution"),
    ],
)
def test_rpm(index, purl, answer, detail):
    (offer,) = index.offers(wanted_of(Component(purl, ComponentState.INSTALLED)), LOONG)
    assert offer.answer.value == answer
    assert detail in offer.detail
    assert offer.source.date == "2024-06-01"


def test_a_file_alone_is_enough_and_a_wrong_hash_is_refused(store, tmp_path):
    place = tmp_path / "l" / "repodata" / "primary.xml.gz"
    repository(tmp_path / "l", "loongarch64")
    assert open_rpm(store, str(place)).tables.count() == {"loongarch64": 5}
    with pytest.raises(UsageError, match="SHA-256"):
        open_rpm(store, repository(tmp_path / "w", "loongarch64", checksum="0" * 64))


@pytest.mark.parametrize(
    "text",
    [
        "<repomd",
        "<repomd/>",
        '<!DOCTYPE r [<!ENTITY a "b">]><repomd/>',
        '<repomd><data type="primary"><location href="../../secret"/></data></repomd>',
    ],
)
def test_damaged_and_hostile_repositories_are_refused(store, tmp_path, text):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "r" / "repodata").mkdir(parents=True)
    (tmp_path / "r" / "repodata" / "repomd.xml").write_text(text)
    with pytest.raises(UsageError):
        open_rpm(store, str(tmp_path / "r"))
    assert store.names() == []


def test_entities_in_primary_metadata_are_refused(store, tmp_path):
    file = tmp_path / "primary.xml"
    file.write_text('<!DOCTYPE m [<!ENTITY a "b">]><metadata>&a;</metadata>')
    with pytest.raises(UsageError, match="document type"):
        open_rpm(store, str(file))


ALPINE = """C:Q1x
P:musl
V:1.2.5-r0
A:loongarch64
o:musl
p:so:libc.musl-loongarch64.so.1=1 cmd:ldd=1.2.5
t:1717200000

P:py3-numpy
V:1.26.4-r1
A:loongarch64
D:so:libc.musl-loongarch64.so.1 !py3-old
t:1717200001

P:app
V:2-r0
A:loongarch64
D:so:libgone.so.1
"""


def test_alpine(store, tmp_path):
    path = tmp_path / "APKINDEX.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("APKINDEX")
        member.size = len(ALPINE)
        archive.addfile(member, io.BytesIO(ALPINE.encode()))
    request = Request("alpine-edge", known_index("alpine-edge"), (str(path),))
    assert add_index(store, request).dated == "2024-06-01"
    index = Library(store).named("alpine-edge").index

    def answers(purl):
        wanted = wanted_of(Component(purl, ComponentState.INSTALLED))
        return [offer.answer.value for offer in index.offers(wanted, LOONG)]

    assert answers("pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64") == ["same-version"]
    assert answers("pkg:apk/alpine/app@1-r0?arch=x86_64") == ["none"]
    assert answers("pkg:pypi/numpy@1.26.4") == ["same-version"]


NAMES = st.sampled_from("abcdef")
PACKAGES = st.lists(
    st.builds(
        Packaged,
        NAMES,
        st.just("1"),
        st.just("x"),
        st.just("s"),
        st.lists(NAMES, max_size=2).map(tuple),
        st.lists(NAMES, max_size=3).map(tuple),
    ),
    max_size=8,
)


@given(PACKAGES)
def test_broken_is_the_least_set_that_the_relations_ask_for(packages):
    out: set[int] = set()
    while True:  # take out what needs something nobody left provides
        there = {
            name
            for number, one in enumerate(packages)
            if number not in out
            for name in (one.name, *one.provides)
        }
        more = {
            number
            for number, one in enumerate(packages)
            if number not in out and not set(one.requires) <= there
        }
        if not more:
            break
        out |= more
    assert set(broken(packages)) == out
