import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_sample import DATA, Tree

from duanban.inventory import Inventory, Manifest, judge_inventory, read_inventory
from duanban.inventory.knowledge import inventory_rules
from duanban.inventory.parse import DamagedError, Lines
from duanban.inventory.registry import BY_NAME, reader_for
from duanban.rules.loader import load_rules
from duanban.targets.loader import load_target

JSON_NAMES = ["package-lock.json", ".package-lock.json", "package.json", "Pipfile.lock"]
JSON_NAMES += ["composer.lock", "conda-meta/a-1-b.json", "bom.json"]
TOML_NAMES = ["uv.lock", "poetry.lock", "pylock.toml", "pyproject.toml", "Cargo.lock", "Cargo.toml"]
OTHERS = [
    "status",
    "apt-list.txt",
    "requirements.txt",
    "PKG-INFO",
    "p.dist-info/WHEEL",
    "a-1-b-c-d.whl",
    *("pnpm-lock.yaml", "yarn.lock", "go.mod", "go.sum", "vendor/modules.txt", "pom.xml", "a.jar"),
    *("gradle.lockfile", "Gemfile.lock", "etc/os-release", "lib/apk/db/installed", "a.spdx"),
    *("var/lib/pacman/local/a-1/desc", "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages"),
]
KEYS = st.sampled_from(
    [
        *("packages", "package", "dependencies", "optionalDependencies", "cpu", "os", "libc"),
        *("name", "version", "default", "marker", "markers", "wheels", "sdist", "source", "url"),
        *("file", "files", "project", "scripts", "install", "binary", "host", "gypfile", "extra"),
        *("node_modules/a", "node_modules/@a/b", "hasInstallScript", "optional", "metadata"),
        "requires-python",
    ]
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


FAMILY = {
    "watch-pnpm-6.yaml": "pnpm-lock.yaml",
    "watch-yarn-1.lock": "yarn.lock",
    "watch-yarn-4.lock": "yarn.lock",
    "apk-installed": "lib/apk/db/installed",
}


def read(name: str, data: bytes) -> Inventory | None:
    """Read as `read_inventory` does, which turns a damaged file into a value."""
    reader = reader_for(name)
    assert reader is not None, name
    try:
        inventory = reader.read(Manifest(name, lambda: data), ["binding.gyp", name])
    except DamagedError:
        return None
    for target in ("debian-sid-loong64", "debian-sid-arm64"):
        judge_inventory(inventory, load_target(target))
    return inventory


@pytest.mark.parametrize("name", JSON_NAMES)
@given(document=st.dictionaries(KEYS, VALUES, max_size=6))
@settings(max_examples=40)
def test_json_with_wrong_types_everywhere(name, document):
    assert read(name, json.dumps(document).encode()) is not None


def toml(value: object) -> str:
    """Write a value as TOML; what TOML cannot hold becomes a string."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int) else json.dumps(str(value)).replace("\x7f", "")


@pytest.mark.parametrize("name", TOML_NAMES)
@given(document=st.dictionaries(KEYS, VALUES, max_size=6))
@settings(max_examples=40)
def test_toml_with_wrong_types_everywhere(name, document):
    read(name, "".join(f"{json.dumps(k)} = {toml(v)}\n" for k, v in document.items()).encode())


@pytest.mark.parametrize("name", [*JSON_NAMES, *TOML_NAMES, *OTHERS])
@given(data=st.binary(max_size=200))
@settings(max_examples=25)
def test_any_bytes(name, data):
    read(name, data)


@pytest.mark.parametrize("name", ["package-lock.json", "uv.lock", "status", *FAMILY])
@given(share=st.floats(0, 1), flip=st.integers(0, 255))
@settings(max_examples=10)
def test_real_files_cut_off_and_damaged(name, share, flip):
    data = (DATA / f"{name}.sample").read_bytes()[:12_000]
    place, name = int(share * len(data)), FAMILY.get(name, name)
    read(name, data[:place])
    read(name, data[:place] + bytes([flip]) + data[place + 1 :])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("package.json", b"[" * 200_000),
        ("package-lock.json", b'{"packages":' * 100_000),
        ("package.json", b"[]"),
        ("uv.lock", b"a = " + b"[" * 100_000),
        ("uv.lock", b"package = 1\n[[package]]"),
        ("package.json", b'{"name": "a'),
        ("poetry.lock", b"\xff\xfe"),
    ],
)
def test_what_cannot_be_read_is_skipped_with_a_reason(tree: Tree, name, data):
    inventory = tree.add(name, data).inventory()
    assert inventory.components == ()
    assert [one.path for one in inventory.skipped] == [name]
    assert inventory.skipped[0].reason.isprintable()


def test_too_large_is_skipped(tree: Tree):
    place = tree.add("package.json").root / "package.json"
    with place.open("r+b") as stream:
        stream.truncate((100 << 20) + 1)
    (skipped,) = read_inventory(tree.root, ["package.json"]).skipped
    assert "too large" in skipped.reason


def test_links_and_missing_files_are_skipped(tree: Tree):
    (tree.root / "package.json").symlink_to("/etc/passwd")
    found = read_inventory(tree.root, ["package.json", "gone/uv.lock"])
    assert {one.path for one in found.skipped} == {"package.json", "gone/uv.lock"}


def test_samples_of_tests_are_no_part_of_the_system(tree: Tree):
    inventory = tree.sample("uv.lock", "tests/fixtures/uv.lock").inventory()
    assert (inventory.components, inventory.ties) == ((), ())
    assert [one.path for one in inventory.skipped] == ["tests/fixtures/uv.lock"]


def test_a_single_file_is_a_system(tree: Tree):
    place = tree.sample("package-lock.json").root / "package-lock.json"
    assert len(read_inventory(place, ["package-lock.json"]).components) > 100


def test_80_000_names_are_sorted_out_quickly():
    paths = [f"a/b{number % 900}/file{number}.c" for number in range(80_000)]
    start = time.process_time()
    assert not any(map(reader_for, paths))
    assert time.process_time() - start < 0.5


def test_many_ties_in_one_lock_take_linear_time(tree: Tree):
    packages = {f"node_modules/p{n}": {"version": "1", "cpu": ["x64"]} for n in range(20_000)}
    text = json.dumps({"packages": packages}, indent=1)
    start = time.process_time()
    inventory = tree.add("package-lock.json", text).inventory()
    assert len(inventory.ties) == 20_000
    assert time.process_time() - start < 5


def test_lines_are_found_in_order():
    lines = Lines(b"a\nb\nname = x\n\nname = x\n")
    find: Callable[[str], int] = lines.find
    assert [find("b"), find("name = x\n"), find("name = x\n"), find("name")] == [2, 3, 5, 0]


PLACES = {
    "WHEEL": "p-1.dist-info/",
    "METADATA": "p-1.dist-info/",
    ".package-lock.json": "node_modules/",
    "os-release": "etc/",
    "installed": "lib/apk/db/",
    "desc": "var/lib/pacman/local/a-1/",
    "modules.txt": "vendor/",
    "installed.json": "vendor/composer/",
    **dict.fromkeys(("rpmdb.sqlite", "Packages.db", "Packages"), "var/lib/rpm/"),
}


def test_every_exact_name_is_recognised_somewhere():
    for name in BY_NAME:
        assert reader_for(PLACES.get(name, "") + name) is BY_NAME[name]


def test_rules_are_loaded_with_the_others_and_all_used():
    loaded = {rule.id for rule in load_rules() if rule.judged_by == "inventory"}
    assert loaded == set(inventory_rules())
    rooms = DATA.parents[2] / "src/duanban"
    places = [*(rooms / "inventory").glob("*.py"), *(rooms / "check").glob("*.py")]
    source = "".join(place.read_text() for place in places)
    assert {one for one in loaded if f'"{one}"' not in source} == set()


def test_rules_use_only_the_values_that_findings_fill_in():
    for rule in inventory_rules().values():
        assert set(re.findall(r"{(\w+)}", rule.message)) <= {"match", "detail", "target"}
        assert "{" not in rule.remedy  # reports show it once for all targets


COUNT = 20_000
STANZA = "Package: p{0}\nStatus: install ok installed\nVersion: 1\nProvides: v\nDepends: v\n\n"
QUADRATIC = {
    "var/lib/dpkg/status": lambda: "".join(STANZA.format(n) for n in range(COUNT)),
    "var/lib/apt/extended_states": lambda: "Package: a\n" * 500_000,
    "lib/apk/db/installed": lambda: "".join(f"P:p{n}\nV:1\nD:v\np:v\n\n" for n in range(COUNT)),
    "x.spdx": lambda: "SPDXVersion: SPDX-2.3\n" + "<text>" * 500_000,
    "Cargo.lock": lambda: "".join(
        f'[[package]]\nname = "a"\nversion = "{n}"\nsource = "r"\ndependencies = ["a"]\n'
        for n in range(2_000)
    ),
    "go.mod": lambda: "require (\n" + "a/" * 500_000 + "\n)\n",
    "pom.xml": lambda: (
        f"<project><properties><a>{'x' * 300_000}</a></properties><dependencies><dependency>"
        f"<groupId>{'${a}' * 100_000}</groupId><artifactId>b</artifactId></dependency>"
        "</dependencies></project>"
    ),
    "package-lock.json": lambda: json.dumps(
        {
            "packages": {
                "a" + "/node_modules/a" * 20_000: {
                    "version": "1",
                    "dependencies": {f"d{n}": "1" for n in range(300)},
                }
            }
        }
    ),
    "pnpm-lock.yaml": lambda: "packages:\n  a: " + "[" * 300_000,
    "yarn.lock": lambda: '"a@1", ' * 100_000 + ":\n",
}


@pytest.mark.parametrize("path", QUADRATIC)
def test_files_made_to_take_long_do_not(tree: Tree, path):
    if path.endswith("extended_states"):
        tree.add("var/lib/dpkg/status", STANZA.format(1))
    tree.add(path, QUADRATIC[path]())
    start = time.process_time()
    tree.inventory()
    assert time.process_time() - start < 5
