"""How manifests ask for a version, which later one is taken, and what is told of lock files."""

import json
import subprocess
from pathlib import Path

import pytest

from duanban.answers import How, propose
from duanban.answers.fixers.dependency_bump import first_later
from duanban.answers.locks import known_locks
from duanban.answers.pins import Bump, Stays, pins
from duanban.answers.work import Text
from duanban.check.core import CheckOptions
from duanban.model import Answer, Offer, Provenance, ShortPart
from duanban.scan.setup import environment_of
from duanban.targets.loader import load_target

INDEX = Provenance("pypi", "2026-11-26", "")
ENVIRONMENT = environment_of(load_target("debian-sid-riscv64"))
INDEXES = Path(__file__).parent / "indexes"
OPTIONS = {"jobs": 1, "offline": True, "cache": False, "read_config": False}


def changed(bump, *contents):
    """Return contents with the edits, and the reasons of what stays."""
    texts = [Text(f"{n}", one.encode(), ENVIRONMENT) for n, one in enumerate(contents)]
    new = {text.path: text.data for text in texts}
    reasons = []
    found = [(t, f) for t, f in pins(bump, texts)]
    for text, one in sorted(found, key=lambda p: -getattr(p[1], "start", 0)):
        if isinstance(one, Stays):
            reasons.append(one.reason)
        else:
            data = new[text.path]
            new[text.path] = data[: one.start] + one.new + data[one.end :]
    return [new[text.path].decode() for text in texts], reasons


@pytest.mark.parametrize(
    ("kind", "name", "old", "new", "before", "after"),
    [
        ("pypi", "charset-normalizer", "2.1.1", "3.0", "Charset_Normalizer==2.1.1 ; a", None),
        ("pypi", "coverage", "7.6.0", "7.6.1", '    "coverage[toml] == 7.6.0",', None),
        ("pypi", "lxml", "4.9.4", "5.2.0", "lxml>=4.9.1", "lxml>=5.2.0"),
        ("pypi", "lxml", "4.9.4", "5.2.0", "lxml>=4.9.1,<6", "lxml>=5.2.0,<6"),
        ("pypi", "lxml", "4.9.4", "5.2.0", "lxml ~= 4.9.1", "lxml ~= 5.2.0"),
        ("pypi", "lxml", "4.9.4", "5.2.0", 'lxml = "^4.9.1"', 'lxml = "^5.2.0"'),
        ("pypi", "lxml", "4.9.4", "5.2.0", 'lxml={version="~4.9"}', 'lxml={version="~5.2"}'),
        ("pypi", "lxml", "4.9.4", "5.2.0", 'lxml = "==4.9.4"', 'lxml = "==5.2.0"'),
        ("npm", "@parcel/watcher", "2.5.1", "2.6.0", '  "@parcel/watcher": "^2.5.0",', None),
        ("npm", "rollup", "4.0.0", "4.7.0", '"rollup": "4.0.0"', '"rollup": "4.7.0"'),
        ("npm", "rollup", "4.0.0", "4.7.0", '"rollup": "~4.0"', '"rollup": "~4.7"'),
        ("npm", "rollup", "4.0.0", "4.7.1", '"rollup": ">=3.2.1"', '"rollup": ">=4.7.1"'),
        ("cargo", "ring", "0.16.20", "0.17", 'ring = { version = "0.16.20", features = [] }', None),
        ("cargo", "ring", "0.16.20", "0.17", 'ring = "=0.16.20"', 'ring = "=0.17"'),
        ("cargo", "ring", "0.16.20", "0.17.0", 'ring = "0.16"', 'ring = "0.17"'),
        (
            "cargo", "ring", "0.16.20", "0.17.0",
            '[target."cfg(unix)".dependencies.ring]\ndefault-features = false\nversion = "0.16.9"',
            '[target."cfg(unix)".dependencies.ring]\ndefault-features = false\nversion = "0.17.0"',
        ),
        ("golang", "golang.org/x/sys", "v0.0.1", "v0.1.0", "\tgolang.org/x/sys v0.0.1 // i", None),
        ("golang", "go.org/x/sys", "v0.0.1", "v0.1.0", "replace a => go.org/x/sys v0.0.1", None),
        (
            "maven", "jna", "5.9.0", "5.10.0",
            "<groupId>net.java</groupId><artifactId>jna</artifactId><version>5.9.0</version>",
            None,
        ),
        ("maven", "jna", "5.9.0", "5.10.0", "implementation 'net.java:jna:5.9.0'", None),
        ("maven", "jna", "5.9.0", "5.10.0", 'x={module="net.java:jna", version="5.9.0"}', None),
    ],
)  # fmt: skip
def test_a_version_is_asked_for_anew(kind, name, old, new, before, after):
    space, _, short = name.rpartition("/")
    space = "net.java" if kind == "maven" else space
    expected = before.replace(old, new).replace("2.5.0", "2.6.0") if after is None else after
    assert changed(Bump(kind, space, short, old, new), before) == ([expected], [])


@pytest.mark.parametrize(
    ("kind", "name", "old", "line"),
    [
        ("pypi", "numpy", "1.2", "numpy==1.2.3"),
        ("pypi", "numpy", "1.2", "numpy==1.2.*"),
        ("pypi", "numpy", "1.2", "oldest-numpy==1.2"),
        ("pypi", "numpy", "1.2", "numpy"),
        ("pypi", "numpy", "1.2", "numpy>=1.3"),
        ("npm", "sharp", "0.34.4", '"sharp-cli": "0.34.4"'),
        ("npm", "sharp", "0.34.4", '"sharp": "0.34.3"'),
        ("npm", "sharp", "0.34.4", '"sharp": "*"'),
        ("golang", "golang.org/x/sys", "v0.1.0", "\tgolang.org/x/sys v0.1.0-rc1"),
        ("golang", "golang.org/x/sys", "v0.1.0", "\tgolang.org/x/sys/unix v0.1.0"),
    ],
)
def test_another_one_is_not(kind, name, old, line):
    space, _, short = name.rpartition("/")
    assert changed(Bump(kind, space, short, old, "9.9.9"), line) == ([line], [])


def test_a_range_that_leaves_the_new_version_out_stays_with_the_reason():
    line = "lxml>=4.9,<5"
    bump = Bump("pypi", "", "lxml", "4.9.4", "5.2.0")
    assert changed(bump, line) == ([line], ["lxml is asked for as `>=4.9,<5`"])


def test_a_pin_with_hashes_is_left_to_its_tool():
    lines = "# by: uv pip compile\nlxml==4.9.4 \\\n    --hash=sha256:00\n"
    (same,), (reason,) = changed(Bump("pypi", "", "lxml", "4.9.4", "5.2.0"), lines)
    assert same == lines
    assert "uv pip compile --generate-hashes --upgrade-package lxml==5.2.0" in reason


def test_a_property_of_maven_is_changed_where_it_is_given():
    pom = "<groupId>g</groupId><artifactId>jna</artifactId><version>${jna.version}</version>"
    parent = "<properties><jna.version>5.9.0</jna.version></properties>"
    bump = Bump("maven", "g", "jna", "5.9.0", "5.10.0")
    assert changed(bump, pom, parent)[0] == [pom, parent.replace("5.9.0", "5.10.0")]


def test_a_version_of_gradles_catalogue_is_changed_where_it_is_given():
    catalogue = (
        '[versions]\njna = "5.9.0"\n[libraries]\nx = { module = "g:jna", version.ref = "jna" }'
    )
    bump = Bump("maven", "g", "jna", "5.9.0", "5.10.0")
    assert changed(bump, catalogue)[0] == [catalogue.replace("5.9.0", "5.10.0")]


@pytest.mark.parametrize(
    ("purl", "offered", "taken"),
    [
        ("pkg:pypi/markupsafe@2.1.1", "3.0.4 3.0.3", "3.0.3"),
        ("pkg:pypi/markupsafe@2.1.1", "10.0 9.0", "9.0"),
        ("pkg:pypi/markupsafe@2.1.1", "1.0", ""),
        ("pkg:pypi/markupsafe@2.1.1", "no-version", ""),
        ("pkg:npm/%40a/b@2.1.1", "10.0.0 9.0.0 9.0.0-rc.1", "9.0.0"),
        ("pkg:maven/net.java/jna@5.9.0", "5.13.0 5.10.0", "5.10.0"),
        ("pkg:golang/golang.org/x/sys@v0.0.0-20210101000000-000000000000", "v0.1.0", "v0.1.0"),
        ("pkg:deb/debian/zlib@1", "2", ""),
        ("pkg:pypi/markupsafe", "3.0.3", ""),
    ],
)
def test_the_first_later_version_is_taken(purl, offered, taken):
    offers = tuple(Offer(Answer.OTHER_VERSION, INDEX, version=one) for one in offered.split())
    assert first_later(ShortPart(purl, offers)) == taken


def test_a_source_is_no_later_version():
    offer = Offer(Answer.SOURCE_BUILDS, INDEX, version="2.1.2")
    assert first_later(ShortPart("pkg:pypi/markupsafe@2.1.1", (offer,))) == ""


def lock(**packages):
    """Return a package-lock.json with packages that have parts for x64 only."""
    entries = {"": {"name": "shop", "version": "1.0.0"}}
    for name, version in packages.items():
        part = f"@{name}/{name}-linux-x64"
        entries[f"node_modules/{name}"] = {"version": version, "optionalDependencies": {part: "1"}}
        entries[f"node_modules/{part}"] = {
            "version": "1.0.0", "cpu": ["x64"], "os": ["linux"], "optional": True,
        }  # fmt: skip
    return json.dumps({"lockfileVersion": 3, "packages": entries}, indent=2)


def write(root, files):
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


def proposed(root, *indexes):
    known = tuple(str(INDEXES / name) for name in indexes)
    options = CheckOptions(**OPTIONS, indexes=known)
    target = load_target("debian-sid-riscv64")
    return propose(root, target, how=How(("dependency-bump",), options=options))


def test_the_command_for_a_lock_is_told_and_the_lock_left(tmp_path):
    write(
        tmp_path,
        {
            "package.json": '{"name": "root", "workspaces": ["packages/*"]}\n',
            "packages/a/package.json": '{"name": "a", "dependencies": {"rollup": "^4.0.0"}}\n',
            "package-lock.json": lock(rollup="4.0.0"),
        },
    )
    proposal = proposed(tmp_path, "npm")
    assert [change.path for change in proposal.changes] == ["packages/a/package.json"]
    assert proposal.then == (
        "`npm install --package-lock-only --ignore-scripts` brings package-lock.json up to date",
    )
    apply = ["git", "apply", "-"]
    subprocess.run(apply, input=proposal.diff, cwd=tmp_path, check=True)
    assert '"rollup": "^4.7.0"' in (tmp_path / "packages/a/package.json").read_text()


def test_a_project_with_a_lock_of_its_own_is_not_the_others(tmp_path):
    manifest = '{"name": "a", "dependencies": {"rollup": "^4.0.0"}}\n'
    write(
        tmp_path,
        {
            "web/package.json": manifest,
            "web/package-lock.json": lock(rollup="4.0.0"),
            "docs/package.json": manifest,
            "docs/package-lock.json": lock(rollup="4.7.0"),
        },
    )
    proposal = proposed(tmp_path, "npm")
    assert [change.path for change in proposal.changes] == ["web/package.json"]
    assert proposal.then[0].startswith("`cd web && npm install --package-lock-only")


def test_a_part_that_nobody_asks_for_is_left_with_the_way_to_it(tmp_path):
    document = json.loads(lock(rollup="4.0.0"))
    document["packages"][""]["dependencies"] = {"vite": "5.0.0"}
    document["packages"]["node_modules/vite"] = {
        "version": "5.0.0", "dependencies": {"rollup": "^4.0.0"},
    }  # fmt: skip
    write(
        tmp_path,
        {
            "package.json": '{"name": "a", "dependencies": {"vite": "5.0.0"}}\n',
            "package-lock.json": json.dumps(document),
        },
    )
    proposal = proposed(tmp_path, "npm")
    assert proposal.diff == b""
    (reason,) = {one.reason for one in proposal.unanswered}
    assert "rollup 4.7.0 has the target" in reason
    assert "comes by way of vite@5.0.0" in reason


def test_locks_are_told_apart_by_what_they_hold():
    yarn = [lock for lock in known_locks() if lock.file == "yarn.lock"]
    assert [bool(lock.holds) for lock in yarn] == [True, False]
    for one in known_locks():
        assert one.source
        assert one.kind in ("npm", "pypi", "cargo", "golang", "maven")
    assert yarn[0].at("a b/yarn.lock") == "cd 'a b' && yarn install --ignore-scripts"
