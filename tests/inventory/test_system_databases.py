"""Package databases of distributions; `benchmarks/inventory.py` compares real ones with oracles."""

import lzma
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_sample import DATA, elf

from duanban.inventory import Reach
from duanban.inventory.parse import DamagedError
from duanban.inventory.rpm_databases import header_blobs
from duanban.inventory.rpm_header import read_header

RPM = lzma.decompress((DATA / "rpmdb.sqlite.xz.sample").read_bytes())
OPENEULER = 'NAME="openEuler"\nID="openEuler"\nVERSION_ID="24.03"\n'


def rpm_header(name: str, *, requires=(), files=()) -> bytes:
    """Return a header as rpm keeps it: index and data, big-endian."""
    values = [
        (1000, 6, [name]),
        (1001, 6, ["1.0"]),
        (1002, 6, ["1"]),
        (1003, 4, [7]),
        (1022, 6, ["x86_64"]),
        (1044, 6, [f"{name}-base-1.0-1.src.rpm"]),
        (1049, 8, list(requires)),
        (1116, 4, [0] * len(files)),
        (1117, 8, [file.rpartition("/")[2] for file in files]),
        (1118, 8, ["/usr/bin/"] if files else []),
    ]
    index, data = b"", b""
    for tag, kind, items in values:
        if not items:
            continue
        if kind == 4:
            data += bytes(-len(data) % 4)
        index += struct.pack(">IIII", tag, kind, len(data), len(items))
        if kind == 4:
            data += struct.pack(f">{len(items)}I", *items)
        else:
            data += b"".join(item.encode() + b"\0" for item in items)
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


def ndb(*blobs: bytes) -> bytes:
    """Return a database as rpm's ndb backend lays it out: a page of slots, then blobs."""
    slots, body, block = b"", b"", 256
    for number, blob in enumerate(blobs, 1):
        padded = blob + bytes(-len(blob) % 16)
        blocks = len(padded) // 16 + 2
        slots += struct.pack("<4sIII", b"Slot", number, block, blocks)
        body += struct.pack("<4sIII", b"BlbS", number, 0, len(blob)) + padded + bytes(16)
        block += blocks
    head = struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(blobs) + 1, 0, 0, 0)
    return (head + slots).ljust(4096, b"\0") + body


def bdb(*blobs: bytes, order: str = "<") -> bytes:
    """Return a Berkeley DB hash file with one bucket, its values on pages of their own."""
    size = 512
    meta = bytearray(size)
    struct.pack_into(f"{order}I", meta, 12, 0x061561)
    struct.pack_into(f"{order}I", meta, 20, size)
    bucket, overflow, page = bytearray(size), b"", 2
    offsets, end = [], size
    bucket[25] = 13
    for blob in blobs:
        end -= 5
        bucket[end : end + 5] = b"\1" + bytes(4)
        offsets.append(end)
        end -= 12
        struct.pack_into(f"{order}B3xII", bucket, end, 3, page, len(blob))
        offsets.append(end)
        parts = [blob[i : i + size - 26] for i in range(0, len(blob), size - 26)]
        for number, part in enumerate(parts):
            page += 1
            following = page if number + 1 < len(parts) else 0
            head = bytearray(26)
            struct.pack_into(f"{order}I", head, 16, following)
            struct.pack_into(f"{order}H", head, 22, len(part))
            head[25] = 7
            overflow += bytes(head) + part.ljust(size - 26, b"\0")
    struct.pack_into(f"{order}H", bucket, 20, len(offsets))
    struct.pack_into(f"{order}{len(offsets)}H", bucket, 26, *offsets)
    return bytes(meta) + bytes(bucket) + overflow


HEADERS = (
    rpm_header("app", requires=["/usr/bin/tool", "rpmlib(X)", "lib"]),
    rpm_header("tool", files=["/usr/bin/tool", "/usr/bin/other"]),
    rpm_header("lib", files=[f"/usr/bin/f{number}" for number in range(200)]),
)


def test_a_database_that_rpm_wrote(tree):
    tree.add("var/lib/rpm/rpmdb.sqlite", RPM).add("etc/os-release", OPENEULER)
    inventory = tree.inventory()
    found = {one.purl: one.source for one in inventory.components}
    source = "pkg:rpm/openeuler/alpha@1.0-3.oe2403?arch=src"
    assert found == {
        "pkg:generic/openEuler@24.03": "",
        "pkg:rpm/openeuler/alpha@1.0-3.oe2403?arch=noarch&epoch=2": source,
        "pkg:rpm/openeuler/beta@1.0-3.oe2403?arch=noarch&epoch=2": source,
        "pkg:rpm/openeuler/gamma@1.0-3.oe2403?arch=noarch&epoch=2": source,
    }
    asked = {(one.kind.value, len(one.requires)) for one in inventory.dependencies}
    assert asked == {
        ("required", 2),
        ("optional", 1),
    }


@pytest.mark.parametrize(
    ("place", "data"),
    [
        ("usr/lib/sysimage/rpm/Packages.db", ndb(*HEADERS)),
        ("var/lib/rpm/Packages", bdb(*HEADERS)),
        ("var/lib/rpm/Packages", bdb(*HEADERS, order=">")),
    ],
)
def test_ndb_and_berkeley_databases(tree, place, data):
    inventory = tree.add(place, data).inventory()
    assert [one.purl for one in inventory.components] == [
        f"pkg:rpm/{name}@1.0-1?arch=x86_64&epoch=7" for name in ("app", "lib", "tool")
    ]
    (edge,) = inventory.dependencies
    assert [purl.partition("@")[0] for purl in edge.requires] == ["pkg:rpm/lib", "pkg:rpm/tool"]


DATABASES = {"sqlite": RPM, "ndb": ndb(*HEADERS), "bdb": bdb(*HEADERS)}


@pytest.mark.parametrize("kind", DATABASES)
@given(share=st.floats(0, 1), flip=st.binary(min_size=1, max_size=8))
@settings(max_examples=40)
def test_damaged_databases_end_in_a_reason_at_most(kind, share, flip):
    data = DATABASES[kind]
    place = int(share * len(data))
    for damaged in (data[:place], data[:place] + flip + data[place + len(flip) :]):
        try:
            found = [read_header(blob) for blob in header_blobs(damaged)]
        except DamagedError as error:
            assert str(error).isprintable()
        else:
            assert len(found) < 10_000


@given(st.binary(max_size=200))
def test_any_bytes_as_a_header(blob):
    read_header(blob)


def test_alpine(tree, target):
    tree.sample("apk-installed", "lib/apk/db/installed").add("etc/apk/world", "musl-utils\n")
    tree.add("lib/ld-musl-x86_64.so.1", elf("x86_64")).add("opt/own.so", elf("x86_64"))
    inventory = tree.inventory()
    found = {one.purl.partition("@")[0].rpartition("/")[2]: one for one in inventory.components}
    assert set(found) == {"musl", "busybox", "scanelf", "musl-utils", "libc-utils"}
    assert found["scanelf"].purl == "pkg:apk/alpine/scanelf@1.2.2-r0?arch=x86_64"
    assert found["scanelf"].source == "pkg:apk/alpine/pax-utils@1.2.2-r0?arch=source"
    route = Reach(inventory.components, inventory.dependencies).route(found["musl"].purl)
    assert [one.partition("@")[0] for one in route.through] == [
        "pkg:apk/alpine/musl-utils",
        "pkg:apk/alpine/musl",
    ]
    # What the packages brought is theirs; what stands elsewhere is not.
    findings, _ = tree.judge(target("riscv64"))
    assert [one.path for one in findings] == ["opt/own.so"]


DESC = "%NAME%\n{}\n\n%VERSION%\n1:2.0-1\n\n%BASE%\n{}\n\n%ARCH%\nx86_64\n\n{}"


def test_pacman(tree, target):
    local = "var/lib/pacman/local"
    tree.add(f"{local}/ALPM_DB_VERSION", "9\n")
    tree.add(f"{local}/app-2/desc", DESC.format("app", "app", "%DEPENDS%\nlib>=1\nsh\n"))
    tree.add(f"{local}/lib-2/desc", DESC.format("lib", "base", "%REASON%\n1\n"))
    inventory = tree.inventory()
    assert [(one.purl, one.source) for one in inventory.components] == [
        ("pkg:alpm/arch/app@1:2.0-1?arch=x86_64", "pkg:alpm/arch/app@1:2.0-1?arch=source"),
        ("pkg:alpm/arch/lib@1:2.0-1?arch=x86_64", "pkg:alpm/arch/base@1:2.0-1?arch=source"),
    ]
    route = Reach(inventory.components, inventory.dependencies).route(inventory.components[1].purl)
    assert len(route.through) == 2
    assert len(tree.judge(target("arm64"))[1]) == 1


def test_conda(tree, target):
    record = '{{"name": "{}", "version": "1", "build": "h0", "subdir": "{}", "channel": "{}", {}}}'
    channel = "https://channels.example/conda-forge/linux-64"
    tree.add(
        "env/conda-meta/zlib-1-h0.json",
        record.format("zlib", "linux-64", channel, '"depends": ["libzlib 1.3 h0"]'),
    ).add(
        "env/conda-meta/libzlib-1-h0.json",
        record.format("libzlib", "noarch", "defaults", '"requested_spec": "x"'),
    )
    inventory = tree.inventory()
    assert [(one.purl, one.architectures) for one in inventory.components] == [
        ("pkg:conda/libzlib@1?build=h0&channel=defaults&subdir=noarch", ()),
        ("pkg:conda/zlib@1?build=h0&channel=conda-forge&subdir=linux-64", ("x86_64",)),
    ]
    assert len(inventory.dependencies) == 2
    assert "conda packages of env/conda-meta" in tree.judge(target("loong64"))[1][0].fact
    tree.add("x/conda-meta/a.json", record.format("a", "linux-loongarch64", "c", '"x": 1'))
    found = {one.purl: one.architectures for one in tree.inventory().components}
    assert found["pkg:conda/a@1?build=h0&channel=c&subdir=linux-loongarch64"] == ("loongarch64",)


def test_the_vendor_of_debian_packages_is_what_os_release_says(tree):
    tree.sample("status", "root/var/lib/dpkg/status")
    tree.add("root/usr/lib/os-release", 'ID=kylin\nVERSION_ID="10"\n')
    kinds = {one.purl.rpartition("/")[0] for one in tree.inventory().components}
    assert kinds == {"pkg:deb/kylin", "pkg:generic"}
