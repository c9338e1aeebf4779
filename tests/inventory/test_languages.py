"""Go, Rust, Java, Ruby and PHP; and what compilers leave in ELF files."""

import io
import json
import struct
import zipfile
import zlib

import pytest
from inventory_sample import MACHINES, Tree

from duanban.inventory import Reach


def purls(tree: Tree) -> dict[str, str]:
    return {one.purl: one.state.value for one in tree.inventory().components}


def test_go_modules(tree):
    tree.add(
        "go.mod",
        "module example.org/app\n\ngo 1.22\n\nrequire (\n\tgithub.com/A/b v1.2.3\n"
        "\tgolang.org/x/sys v0.1.0 // indirect\n\tlocal.org/c v1.0.0\n)\n"
        "require rsc.io/quote/v3 v3.1.0\nreplace local.org/c => ./c\n"
        "replace golang.org/x/sys => golang.org/x/sys v0.2.0\n",
    ).add("go.sum", "github.com/other/d v1.0.0 h1:x=\n")
    assert purls(tree) == {
        "pkg:golang/github.com/a/b@v1.2.3": "locked",
        "pkg:golang/golang.org/x/sys@v0.2.0": "locked",
        "pkg:golang/rsc.io/quote/v3@v3.1.0": "locked",
    }
    (one,) = tree.inventory().dependencies
    assert (one.dependent, len(one.requires)) == ("", 3)


def test_go_sum_alone_and_vendored_modules(tree):
    tree.add(
        "go.sum", "a.org/b v1.0.0 h1:x=\na.org/b v1.0.0/go.mod h1:x=\nc.org/d v2.0.0/go.mod h1:x=\n"
    )
    tree.add(
        "sub/vendor/modules.txt", "# e.org/f v1.0.0\n## explicit\ne.org/f/g\n# h.org/i v1.0.0\n"
    )
    assert purls(tree) == {
        "pkg:golang/a.org/b@v1.0.0": "locked",
        "pkg:golang/e.org/f@v1.0.0": "embedded",
    }


CARGO = """version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a", "b 2.0.0"]
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://example.org/index"
dependencies = ["b 1.0.0 (registry+https://example.org/index)"]
[[package]]
name = "b"
version = "1.0.0"
source = "registry+https://example.org/index"
[[package]]
name = "b"
version = "2.0.0"
source = "registry+https://example.org/index"
"""


def test_cargo_lock(tree):
    tree.add("Cargo.lock", CARGO).add("Cargo.toml", '[dependencies]\na = "1"\n')
    inventory = tree.inventory()
    assert purls(tree) == {
        f"pkg:cargo/{one}": "locked" for one in ("a@1.0.0", "b@1.0.0", "b@2.0.0")
    }
    reach = Reach(inventory.components, inventory.dependencies)
    assert reach.route("pkg:cargo/b@1.0.0").through == ("pkg:cargo/a@1.0.0", "pkg:cargo/b@1.0.0")
    assert reach.route("pkg:cargo/b@2.0.0").through == ("pkg:cargo/b@2.0.0",)


def test_cargo_manifest(tree):
    tree.add(
        "Cargo.toml",
        '[dependencies]\nx = "=1.2.3"\ny = { version = "1", optional = true, package = "real" }\n'
        'own = { path = "own" }\n[target."cfg(unix)".dev-dependencies]\nz = "1"\n',
    )
    assert purls(tree) == {
        "pkg:cargo/real": "declared",
        "pkg:cargo/x@1.2.3": "declared",
        "pkg:cargo/z": "declared",
    }
    assert [one.kind.value for one in tree.inventory().dependencies] == [
        "development",
        "optional",
        "required",
    ]


POM = """<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0">
<groupId>org.own</groupId><artifactId>app</artifactId><version>1</version>
<properties><n.v>4.1</n.v></properties>
<dependencyManagement><dependencies><dependency><groupId>a</groupId><artifactId>m</artifactId>
<version>2</version></dependency></dependencies></dependencyManagement>
<dependencies>
<dependency><groupId>io.netty</groupId><artifactId>n</artifactId><version>${n.v}</version></dependency>
<dependency><groupId>a</groupId><artifactId>m</artifactId></dependency>
<dependency><groupId>${project.groupId}</groupId><artifactId>t</artifactId><version>[1,2)</version>
<scope>test</scope></dependency>
</dependencies></project>"""


def test_maven_and_gradle(tree):
    tree.add("pom.xml", POM).add(
        "gradle.lockfile", "# comment\ng.h:i:1.0=compileClasspath\nempty=\n"
    )
    assert purls(tree) == {
        "pkg:maven/a/m@2": "declared",
        "pkg:maven/g.h/i@1.0": "locked",
        "pkg:maven/io.netty/n@4.1": "declared",
        "pkg:maven/org.own/t": "declared",
    }


def test_the_record_of_an_unpacked_jar(tree):
    tree.add("app/META-INF/maven/org.own/app/pom.xml", POM)
    assert purls(tree) == {"pkg:maven/org.own/app@1": "embedded"}


def test_xml_with_entities_is_refused(tree):
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><project>&b;</project>'
    inventory = tree.add("pom.xml", bomb).add("deep/pom.xml", "<a>" * 500).inventory()
    assert inventory.components == ()
    assert len(inventory.skipped) == 2
    assert "entities" in inventory.skipped[1].reason


def test_jars_name_what_was_packed_into_them(tree):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("app", "packed"):
            place = f"META-INF/maven/org/{name}/pom.properties"
            archive.writestr(place, f"#made\nversion=1.0\ngroupId=org\nartifactId={name}\n")
    tree.add("lib/app.jar", stream.getvalue()).add("lib/torn.jar", stream.getvalue()[:60])
    assert purls(tree) == {
        "pkg:maven/org/app@1.0": "embedded",
        "pkg:maven/org/packed@1.0": "embedded",
    }


def test_gems(tree):
    tree.add(
        "Gemfile.lock",
        "PATH\n  remote: .\n  specs:\n    own (1.0)\n      rake\n\nGEM\n  remote: x\n  specs:\n"
        "    nokogiri (1.16.0-aarch64-linux)\n      racc (~> 1.4)\n"
        "    nokogiri (1.16.0-x86_64-linux-gnu)\n    racc (1.7.3)\n    rake (13.0.0)\n\n"
        "PLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n  nokogiri (>= 1)\n  own!\n",
    )
    inventory = tree.inventory()
    assert {one.purl: one.architectures for one in inventory.components} == {
        "pkg:gem/nokogiri@1.16.0": ("aarch64", "x86_64"),
        "pkg:gem/racc@1.7.3": (),
        "pkg:gem/rake@13.0.0": (),
    }
    reach = Reach(inventory.components, inventory.dependencies)
    assert len(reach.route("pkg:gem/racc@1.7.3").through) == 2


def test_composer(tree):
    package = {
        "name": "monolog/monolog",
        "version": "v3.0.0",
        "require": {"psr/log": "*", "php": "8"},
    }
    lock = {"packages": [package, {"name": "psr/log", "version": "3.0.2"}]}
    tree.add("composer.lock", json.dumps(lock))
    tree.add("composer.json", json.dumps({"require": {"monolog/monolog": "*", "ext-gd": "*"}}))
    inventory = tree.inventory()
    assert len(inventory.components) == 2
    route = Reach(inventory.components, inventory.dependencies).route("pkg:composer/psr/log@3.0.2")
    assert len(route.through) == 2


def elf_with(**sections: bytes) -> bytes:
    """Return a shared object for 64 bits with the sections, `_` for `.` and `-`."""
    names = {b"": 0}
    table = b"\0"
    for name in (*sections, "_shstrtab"):
        names[name.encode()] = len(table)
        table += name.replace("_shstrtab", ".shstrtab").encode() + b"\0"
    body, entries = b"", [bytes(64)]
    for name, data in (*sections.items(), ("_shstrtab", table)):
        offset = 64 + len(body)
        entries.append(
            struct.pack("<IIQQQQIIQQ", names[name.encode()], 1, 0, 0, offset, len(data), 0, 0, 1, 0)
        )
        body += data
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = struct.pack(
        "<HHIQQQIHHHHHH",
        *(3, MACHINES["aarch64"], 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64),
        *(len(entries), len(entries) - 1),
    )
    return ident + head + body + b"".join(entries)


def go_info(text: str) -> bytes:
    def counted(data: bytes) -> bytes:
        size, out = len(data), b""
        while size >= 0x80:
            out += bytes([size & 0x7F | 0x80])
            size >>= 7
        return out + bytes([size]) + data

    head = (b"\xff Go buildinf:" + b"\x08\x02").ljust(32, b"\0")
    return head + counted(b"go1.22.1") + counted(b"m" * 16 + text.encode() + b"m" * 16)


GO = go_info(
    "path\ta.org/cmd\nmod\ta.org/cmd\t(devel)\t\ndep\tb.org/c\tv1.0.0\th1:x\n"
    "dep\td.org/e\tv1.0.0\n=>\tf.org/e\tv2.0.0\th1:y\nbuild\tGOARCH=arm64\n"
)
AUDIT = {
    "packages": [
        {"name": "app", "version": "0.1.0", "root": True, "dependencies": [1, 2, 99]},
        {"name": "serde", "version": "1.0.0", "source": "registry"},
        {"name": "cc", "version": "1.0.0", "kind": "build"},
    ]
}
NOTE = (
    b"\4\0\0\0"
    + b'{"type":"rpm","os":"fedora","name":"x","version":"1-2.fc40","architecture":"aarch64"}\0'
)


def test_parts_that_elf_files_name(tree):
    sections = {
        ".go.buildinfo": GO,
        ".dep-v0": zlib.compress(json.dumps(AUDIT).encode()),
        ".note.package": NOTE,
    }
    inventory = tree.add("bin/tool.so", elf_with(**sections)).inventory()
    assert {one.purl: (one.state.value, one.architectures) for one in inventory.components} == {
        "pkg:cargo/app@0.1.0": ("embedded", ("aarch64",)),
        "pkg:cargo/serde@1.0.0": ("embedded", ("aarch64",)),
        "pkg:golang/a.org/cmd": ("embedded", ("aarch64",)),
        "pkg:golang/b.org/c@v1.0.0": ("embedded", ("aarch64",)),
        "pkg:golang/f.org/e@v2.0.0": ("embedded", ("aarch64",)),
        "pkg:golang/stdlib@1.22.1": ("embedded", ("aarch64",)),
        "pkg:rpm/fedora/x@1-2.fc40?arch=aarch64": ("installed", ("aarch64",)),
    }
    assert len(inventory.dependencies) == 2


@pytest.mark.parametrize("name", [".go.buildinfo", ".dep-v0", ".note.package"])
@pytest.mark.parametrize("data", [b"", b"\xff" * 40, GO[:40], b"{", zlib.compress(b"[" * 9999)])
def test_what_is_damaged_in_an_elf_file_names_nothing(tree, name, data):
    whole = elf_with(**{name: data})
    tree.add("a.so", whole).add("b.so", whole[:-70]).add("c.so", whole[:80])
    assert tree.inventory().components == ()
