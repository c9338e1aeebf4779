import json

import pytest
from inventory_sample import Tree

from duanban.inventory import Reach
from duanban.model import Dependency, DependencyKind

REQUIRED, OPTIONAL, DEVELOPMENT = DependencyKind


def routes(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Return the chain to every part, as names."""
    inventory = tree.inventory()
    reach = Reach(inventory.components, inventory.dependencies)
    found = {one.purl: reach.route(one.purl) for one in inventory.components}
    return {
        name(purl): tuple(name(each) for each in route.through)
        for purl, route in found.items()
        if route is not None
    }


def name(purl: str) -> str:
    return purl.partition("@")[0].rpartition("/")[2]


@pytest.mark.parametrize("file", ["uv.lock", "package-lock.json"])
def test_every_part_of_a_real_lock_is_reached_in_few_steps(tree, file):
    found = routes(tree.sample(file))
    assert len(found) == len({name(one.purl) for one in tree.inventory().components})
    assert max(map(len, found.values())) < 10


def test_chains_of_a_uv_lock(tree):
    found = routes(tree.sample("uv.lock"))
    assert found["pycparser"] == ("cffi", "pycparser")


def test_an_older_poetry_lock_takes_its_roots_from_pyproject(tree):
    tree.add(
        "poetry.lock",
        '[[package]]\nname = "a"\nversion = "1"\n[package.dependencies]\nB_b = ">=1"\n'
        '[[package]]\nname = "b-b"\nversion = "2"\n',
    ).add("pyproject.toml", '[project]\nname = "x"\ndependencies = ["a"]\n')
    assert routes(tree) == {"a": ("a",), "b-b": ("a", "b-b")}


def test_lock_of_version_1(tree):
    document = {
        "dependencies": {
            "a": {
                "version": "1.0.0",
                "requires": {"b": "^2"},
                "dependencies": {"b": {"version": "2.0.0"}},
            },
            "b": {"version": "1.0.0"},
        }
    }
    tree.add("package-lock.json", json.dumps(document))
    (one,) = tree.inventory().dependencies
    assert (one.dependent, one.requires) == ("pkg:npm/a@1.0.0", ("pkg:npm/b@2.0.0",))


def test_required_links_come_before_shorter_optional_ones():
    edges = [
        Dependency("", ("a",), REQUIRED, "f"),
        Dependency("a", ("b",), REQUIRED, "f"),
        Dependency("b", ("c",), REQUIRED, "f"),
        Dependency("", ("c", "d"), OPTIONAL, "f"),
        Dependency("d", ("e",), REQUIRED, "f"),
        Dependency("e", ("d",), REQUIRED, "f"),
    ]
    reach = Reach((), edges)
    assert reach.route("c").through == ("a", "b", "c")
    assert (reach.route("e").through, reach.route("e").kind) == (("d", "e"), OPTIONAL)
    assert reach.route("unheard-of") is None


def test_debian_packages_with_apts_marks(tree):
    stanza = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n{}\n"
    tree.add(
        "var/lib/dpkg/status",
        stanza.format("app", "Depends: virt | other, gone\nRecommends: extra (>= 1)\n")
        + stanza.format("real", "Provides: virt (= 1)\nSource: src (2)\n")
        + stanza.format("extra", "Depends: real:any\n"),
    )
    marks = "Package: real\nArchitecture: amd64\nAuto-Installed: 1\n\n"
    tree.add("var/lib/apt/extended_states", marks + marks.replace("real", "extra"))
    inventory = tree.inventory()
    assert {one.source for one in inventory.components} >= {"pkg:deb/debian/src@2?arch=source"}
    assert routes(tree) == {
        "app": ("app",),
        "extra": ("app", "extra"),
        "real": ("app", "real"),
    }
