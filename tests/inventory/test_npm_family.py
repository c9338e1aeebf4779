"""One project (@parcel/watcher) locked by npm, pnpm 7 to 9, Yarn 1 and Yarn 4."""

import pytest
from inventory_sample import Tree

from duanban.inventory import Reach

LOCKS = {
    "watch-npm.json": "package-lock.json",
    "watch-pnpm-5.yaml": "pnpm-lock.yaml",
    "watch-pnpm-6.yaml": "pnpm-lock.yaml",
    "watch-pnpm-9.yaml": "pnpm-lock.yaml",
    "watch-yarn-1.lock": "yarn.lock",
    "watch-yarn-4.lock": "yarn.lock",
}
MANIFEST = """{"name": "watch", "version": "1.0.0",
 "dependencies": {"@parcel/watcher": "^2.5.0"}, "devDependencies": {"ms": "^2.1.0"}}"""
WATCHER = "pkg:npm/%40parcel/watcher@2.6.0"


@pytest.fixture(params=LOCKS)
def project(request: pytest.FixtureRequest, tree: Tree) -> Tree:
    return tree.sample(request.param, LOCKS[request.param]).add("package.json", MANIFEST)


def parts(tree: Tree) -> set[str]:
    return {one.purl for one in tree.inventory().components}


def test_all_locks_name_the_packages_that_npm_does(project, tmp_path):
    (tmp_path / "npm").mkdir()
    reference = parts(Tree(tmp_path / "npm").sample("watch-npm.json", "package-lock.json"))
    found = parts(project)
    assert len(reference) > 15
    # Yarn adds node-gyp to what is built at installation.
    assert reference <= found
    if not (project.root / "yarn.lock").exists():
        assert reference == found


@pytest.mark.parametrize(("arch", "missing"), [("arm64", False), ("riscv64", True)])
def test_all_locks_tell_which_machines_have_a_prebuilt_part(project, target, arch, missing):
    assert (WATCHER in project.rules(target(arch)).get("library.npm.prebuilt", [])) is missing


def test_findings_stand_at_the_line_of_their_package(project, target):
    place = next(iter(project.root.glob("*lock*")))
    lines = place.read_text().splitlines()
    for one in project.judge(target("loong64"))[0]:
        name = one.message.split()[0]
        assert name in lines[one.line - 1]


def test_the_way_to_a_package_is_known(project):
    inventory = project.inventory()
    reach = Reach(inventory.components, inventory.dependencies)
    route = reach.route("pkg:npm/picomatch@4.0.5") or reach.route(
        next(one.purl for one in inventory.components if "/picomatch@" in one.purl)
    )
    assert route is not None
    assert route.through[0] == WATCHER
    assert reach.route(next(one for one in parts(project) if "/ms@" in one)).kind == "development"


def test_states_are_locked(project):
    assert {one.state.value for one in project.inventory().components} == {"locked"}


def test_manifests_inside_installed_packages_are_not_the_systems(tree):
    tree.sample("watch-yarn-1.lock", "node_modules/a/yarn.lock")
    tree.add("lib/site-packages/p/pyproject.toml", '[project]\ndependencies = ["numpy"]')
    inventory = tree.inventory()
    assert inventory.components == ()
    assert {one.path for one in inventory.skipped} == {
        "node_modules/a/yarn.lock",
        "lib/site-packages/p/pyproject.toml",
    }
