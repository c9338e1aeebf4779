"""How manifests pin a version, and which later version is taken."""

import pytest

from duanban.answers.fixers.dependency_bump import PINS, first_later, pin_pattern
from duanban.model import Answer, Offer, Provenance, ShortPart

INDEX = Provenance("pypi", "2026-11-26", "")


@pytest.mark.parametrize(
    ("kind", "name", "version", "line"),
    [
        ("pypi", "charset-normalizer", "2.1.1", "Charset_Normalizer==2.1.1 ; python_version > '3'"),
        ("pypi", "coverage", "7.6.0", '    "coverage[toml] == 7.6.0",'),
        ("npm", "@parcel/watcher", "2.5.1", '    "@parcel/watcher": "^2.5.1",'),
        ("cargo", "ring", "0.16.20", 'ring = { version = "0.16.20", features = ["std"] }'),
        ("cargo", "ring", "0.16.20", 'ring = "=0.16.20"'),
        ("golang", "golang.org/x/sys", "v0.1.0", "\tgolang.org/x/sys v0.1.0 // indirect"),
        ("maven", "jna", "5.5.0", "<artifactId>jna</artifactId>\n  <version>5.5.0</version>"),
    ],
)
def test_a_pin_is_found(kind, name, version, line):
    assert kind in PINS
    match = pin_pattern(kind, name, version).search(line.encode())
    assert match is not None
    assert match[1].decode() == version


@pytest.mark.parametrize(
    ("kind", "name", "version", "line"),
    [
        ("pypi", "numpy", "1.2", "numpy==1.2.3"),
        ("pypi", "numpy", "1.2", "oldest-numpy==1.2"),
        ("pypi", "numpy", "1.2", "numpy>=1.2"),
        ("npm", "sharp", "0.34.4", '"sharp-cli": "0.34.4"'),
        ("golang", "golang.org/x/sys", "v0.1.0", "\tgolang.org/x/sys v0.1.0-rc1"),
    ],
)
def test_another_pin_is_not(kind, name, version, line):
    assert pin_pattern(kind, name, version).search(line.encode()) is None


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (("3.0.4", "3.0.3"), "3.0.3"),
        (("10.0", "9.0"), "9.0"),
        (("1.0",), ""),
        (("no-version",), ""),
        ((), ""),
    ],
)
def test_the_first_later_version_is_taken(offered, taken):
    offers = tuple(Offer(Answer.OTHER_VERSION, INDEX, version=one) for one in offered)
    offers = offers or (Offer(Answer.SOURCE_BUILDS, INDEX, version="2.1.1"),)
    assert first_later(ShortPart("pkg:pypi/markupsafe@2.1.1", offers)) == taken
