"""Maven repositories and manifest lists on the user's disk."""

from __future__ import annotations

import json
import struct
import zipfile

import pytest

from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index
from duanban.indexes.wanted import wanted_of
from duanban.model import Component, ComponentState
from duanban.model.errors import UsageError
from duanban.targets.loader import load_target

ARM, LOONG = load_target("debian-sid-arm64"), load_target("debian-sid-loong64")
ELF_X86 = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 62) + bytes(44)


def opened(store, name, *given):
    add_index(store, Request(name, known_index(name), tuple(map(str, given))))
    index = Library(store).named(name).index

    def answers(purl, target):
        offers = index.offers(wanted_of(Component(purl, ComponentState.LOCKED)), target)
        return [offer.answer.value for offer in offers]

    return answers


def jar(root, group, artifact, version, classifier="", **members):
    place = root / group.replace(".", "/") / artifact / version
    place.mkdir(parents=True, exist_ok=True)
    name = f"{artifact}-{version}{'-' if classifier else ''}{classifier}.jar"
    with zipfile.ZipFile(place / name, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
        for member, content in members.items():
            archive.writestr(member, content)


def test_jars_by_classifier_and_by_content(store, tmp_path):
    jar(tmp_path, "io.netty", "transport-epoll", "4.1.100")
    jar(tmp_path, "io.netty", "transport-epoll", "4.1.100", "linux-x86_64")
    jar(tmp_path, "io.netty", "transport-epoll", "4.1.100", "linux-aarch_64")
    jar(tmp_path, "io.netty", "transport-epoll", "4.1.120", "linux-loongarch_64")
    jar(tmp_path, "org.pure", "pure", "1.0")
    jar(tmp_path, "org.pure", "pure", "1.0", "sources")
    jar(tmp_path, "org.fat", "fat", "2.0", **{"linux/libfat.so": ELF_X86})
    answers = opened(store, "maven", tmp_path)
    assert answers("pkg:maven/io.netty/transport-epoll@4.1.100", ARM) == ["same-version"]
    assert answers("pkg:maven/io.netty/transport-epoll@4.1.100", LOONG) == [
        "other-version",
        "none",
    ]
    assert answers("pkg:maven/org.pure/pure@1.0", LOONG) == ["same-version"]
    assert answers("pkg:maven/org.fat/fat@2.0", LOONG) == ["none"]
    assert answers("pkg:maven/org.pure/pure@1.1", LOONG) == []


def test_the_first_later_version_in_mavens_order_is_told(store, tmp_path):
    for version in ("1.5.5-4", "1.5.5-11", "1.5.6-3", "1.5.5-2", "1.6.0-rc1"):
        jar(tmp_path, "g", "zstd-jni", version, "linux-loongarch_64")
    for version in ("1.5.5-3", "1.5.5-9", "1.7"):
        jar(tmp_path, "g", "zstd-jni", version, "linux-x86_64")
    add_index(store, Request("maven", known_index("maven"), (str(tmp_path),)))
    index = Library(store).named("maven").index

    def other(version):
        part = Component(f"pkg:maven/g/zstd-jni@{version}", ComponentState.LOCKED)
        return index.offers(wanted_of(part), LOONG)[0].version

    assert other("1.5.5-3") == "1.5.5-4"
    assert other("1.5.5-9") == "1.5.5-11"  # as text it would come before
    assert other("1.7") == "1.6.0-rc1"  # none is later: the newest


def manifest_list(*platforms):
    manifests = [
        {"digest": "sha256:0", "platform": {"os": system, "architecture": machine}}
        for system, machine in (*platforms, ("unknown", "unknown"))
    ]
    return json.dumps({"schemaVersion": 2, "manifests": manifests})


def test_images(store, tmp_path):
    (tmp_path / "list.json").write_text(manifest_list(("linux", "amd64"), ("linux", "arm64")))
    layout = tmp_path / "layout"
    (layout / "blobs" / "sha256").mkdir(parents=True)
    (layout / "blobs" / "sha256" / "ab12").write_text(manifest_list(("linux", "loong64")))
    name = {"org.opencontainers.image.ref.name": "app:2"}
    nested = {"manifests": [{"digest": "sha256:ab12", "annotations": name}]}
    (layout / "index.json").write_text(json.dumps(nested))
    answers = opened(store, "images", f"nginx:1.27={tmp_path / 'list.json'}", layout)
    assert answers("pkg:docker/library/nginx@1.27", ARM) == ["same-version"]
    assert answers("pkg:docker/library/nginx@1.27", LOONG) == ["none"]
    assert answers("pkg:oci/app@2", LOONG) == ["same-version"]
    assert answers("pkg:oci/other@2", LOONG) == []


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"manifests": 3}'])
def test_what_is_no_manifest_list_is_refused(store, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UsageError):
        opened(store, "images", tmp_path / "x.json")
