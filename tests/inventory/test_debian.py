import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory_sample import DATA
from packageurl import PackageURL

from duanban.inventory.purls import deb_purl, npm_purl, pypi_purl

STATUS = "Package: {}\nStatus: {}\nArchitecture: {}\nVersion: 1:1.0+x~1\nDepends: a\n\n"


def test_status_database(tree, target):
    tree.sample("status", "var/lib/dpkg/status")
    stanzas = (DATA / "status.sample").read_text().strip().split("\n\n")
    names = [re.match(r"Package: (.*)", stanza)[1] for stanza in stanzas]
    components = tree.inventory().components
    assert len(components) == len(names) == 15
    assert {PackageURL.from_string(one.purl).name for one in components} == set(names)
    assert {one.state.value for one in components} == {"installed"}
    # Whether the target has them is for its package index to say (tests/check/test_supply.py).
    assert tree.judge(target("loong64")) == ([], [])


def test_removed_packages_are_gone_and_foreign_ones_found(tree, target):
    tree.add(
        "x.status",
        STATUS.format("dpkg", "install ok installed", "amd64")
        + STATUS.format("old", "deinstall ok config-files", "amd64")
        + STATUS.format("wine32", "install ok installed", "i386")
        + STATUS.format("docs", "install ok triggers-pending", "all"),
    )
    assert [one.purl for one in tree.inventory().components] == [
        "pkg:deb/debian/docs@1:1.0%2Bx~1?arch=all",
        "pkg:deb/debian/dpkg@1:1.0%2Bx~1?arch=amd64",
        "pkg:deb/debian/wine32@1:1.0%2Bx~1?arch=i386",
    ]
    (finding,), _ = tree.judge(target("arm64"))
    assert (finding.rule, finding.line) == ("os.dpkg.foreign-architecture", 15)
    assert "wine32" in finding.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "apt-list.txt",
            "Listing... Done\nbash/stable,now 5.2.15-2+b7 amd64 [installed]\n"
            "gone/now 1.0 amd64 [residual-config]\n"
            "zlib1g/stable 1:1.2.13 amd64 [installed,automatic]\n",
        ),
        (
            "dpkg-l.txt",
            "Desired=Unknown/Install\n||/ Name  Version  Architecture Description\n"
            "ii  bash           5.2.15-2+b7  amd64  GNU shell\n"
            "rc  gone           1.0          amd64  removed\n"
            "ii  zlib1g:amd64   1:1.2.13     amd64  compression\n",
        ),
    ],
)
def test_saved_lists(tree, target, name, text):
    tree.add(name, text)
    assert [one.purl for one in tree.inventory().components] == [
        "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64",
        "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64",
    ]
    assert tree.judge(target("arm64")) == ([], [])


def test_a_file_called_status_that_is_something_else(tree):
    inventory = tree.add("status", "all is well\n").add("packages.txt", "a list\n").inventory()
    assert (inventory.components, inventory.ties, inventory.skipped) == ((), (), ())


def test_images_without_dpkg_and_lists_of_apt(tree):
    one = "Package: {}\nArchitecture: amd64\nVersion: 1\nDepends: {}\n"
    tree.add("var/lib/dpkg/status.d/base", one.format("base", "libc6 (>= 2)"))
    tree.add("var/lib/dpkg/status.d/libc6", one.format("libc6", "gone"))
    tree.add("var/lib/dpkg/status.d/libc6.md5sums", "00  lib/libc.so\n")
    tree.add("var/lib/apt/lists/deb_dists_sid_binary-amd64_Packages", one.format("other", "x"))
    inventory = tree.inventory()
    base, libc = (f"pkg:deb/debian/{name}@1?arch=amd64" for name in ("base", "libc6"))
    assert {one.purl: one.state.value for one in inventory.components} == {
        base: "installed",
        libc: "installed",
    }
    assert [(one.dependent, one.requires) for one in inventory.dependencies] == [(base, (libc,))]


PART = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
WORD = st.builds("".join, st.lists(PART | st.sampled_from("-_.+~"), min_size=1, max_size=4))
WORDS = WORD.filter(lambda text: text[0].isalnum())


@given(WORDS, WORDS, WORDS)
def test_purls_are_what_packageurl_writes(name, version, scope):
    assert pypi_purl(name, version) == PackageURL("pypi", None, name, version).to_string()
    assert npm_purl(name, version) == PackageURL("npm", None, name, version).to_string()
    scoped = PackageURL("npm", f"@{scope}", name, version).to_string()
    assert npm_purl(f"@{scope}/{name}", version) == scoped
    deb = PackageURL("deb", "debian", name.lower(), f"1:{version}", {"arch": "all"}).to_string()
    assert deb_purl(name, f"1:{version}", "all") == deb
