"""npm, apt-get and pip: with stand-ins on PATH, so without a network."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import sys
import time
from pathlib import Path

import pytest
from archive_sample import listing, tar_of

from duanban.locate import open_locator
from duanban.locate.client import Watched, meaningful, run
from duanban.locate.npm import parse as parse_npm
from duanban.locate.pypi import _platforms
from duanban.locate.pypi import parse as parse_pypi
from duanban.model.errors import FetchError, OfflineError, UnpackError


@pytest.fixture
def client(tmp_path, monkeypatch):
    """Puts a Python script on PATH under a client's name; its calls are logged."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    log = tmp_path / "calls"
    log.write_text("")

    def put(name: str, body: str):
        path = directory / name
        path.write_text(
            f"#!{sys.executable}\nimport os, pathlib, sys\n"
            f"with open({str(log)!r}, 'a') as log: print(*sys.argv[1:], sep=' ', file=log)\n{body}"
        )
        path.chmod(0o755)
        return lambda: log.read_text().splitlines()

    return put


PACKAGE = gzip.compress(tar_of(("package/package.json", b"{}"), ("package/../../evil", b"")))
NPM = f"pathlib.Path('p-1.0.0.tgz').write_bytes({PACKAGE!r}); print('[{{\"version\": \"1.0.0\"}}]')"


def test_npm_packs_without_scripts_and_once_per_version(client, cache):
    calls = client("npm", NPM)
    for _ in range(2):
        with open_locator("npm:@s/p@1.0.0", cache=cache) as located:
            assert listing(located.root) == {"package.json": b"{}"}
            assert (located.name, located.version) == ("@s/p", "1.0.0")
            assert located.purl == "pkg:npm/%40s/p@1.0.0"
            assert located.fetched.endswith("Z")
            assert len(located.skipped) == 1
    assert calls() == ["pack --ignore-scripts --json -- @s/p@1.0.0"]


def test_a_range_is_asked_again_and_offline_answered_from_the_cache(client, cache, monkeypatch):
    calls = client("npm", NPM)
    for _ in range(2):
        with open_locator("npm:p@^1", cache=cache):
            pass
    assert len(calls()) == 2
    with open_locator("npm:p@^1", cache=cache, offline=True) as located:
        assert located.version == "1.0.0"
    monkeypatch.setenv("DUANBAN_OFFLINE", "1")
    with pytest.raises(OfflineError, match="npm:q: not in the cache"):
        open_locator("npm:q", cache=cache).__enter__()
    assert len(calls()) == 2


def test_a_failure_says_why_and_that_there_is_an_older_copy(client, cache):
    client("npm", NPM)
    with open_locator("npm:p", cache=cache):
        pass
    client(
        "npm",
        "sys.stderr.write('npm warn x\\nnpm error code E404\\nnpm error 404 Not Found - GET u\\n"
        "npm error A complete log of this run\\n'); sys.exit(1)",
    )
    with pytest.raises(FetchError, match=r"npm failed: Not Found - GET u \(.*--offline\)$"):
        open_locator("npm:p", cache=cache).__enter__()


def test_a_package_that_is_refused_is_not_fetched_again(client, cache):
    calls = client("npm", "pathlib.Path('p.tgz').write_bytes(b'no archive')")
    for _ in range(2):
        with pytest.raises(UnpackError, match=r"p\.tgz"):
            open_locator("npm:p@1.0.0", cache=cache).__enter__()
    assert len(calls()) == 1


DEB_TAR = gzip.compress(tar_of(("q-1/a.c", b"int a;")))
DSC = (
    "Format: 3.0 (native)\nSource: qq\nVersion: 2:1\nChecksums-Sha256:\n"
    f" {hashlib.sha256(DEB_TAR).hexdigest()} {len(DEB_TAR)} qq_1.tar.gz\n"
).encode()
FILES = {"qq_1.dsc": DSC, "qq_1.tar.gz": DEB_TAR}
URIS = "\n".join(
    f"'mirror:/{name}' {name} {len(data)} SHA256:{hashlib.sha256(data).hexdigest()}"
    for name, data in FILES.items()
)
APT = f"""
if '--print-uris' in sys.argv:
    print({URIS!r})
    sys.exit()
for name, data in {FILES!r}.items():
    if pathlib.Path(name).exists():
        continue
    if name.endswith('gz') and not pathlib.Path(AGAIN).exists():
        pathlib.Path(AGAIN).touch()
        sys.exit('E: Connection failed')
    pathlib.Path(name).write_bytes(data)
    if name.endswith('gz'):
        with open(AGAIN, 'a') as log: log.write(name)
"""


def test_apt_goes_on_after_a_break_and_never_fetches_twice(client, cache, tmp_path):
    again = tmp_path / "again"
    calls = client("apt-get", APT.replace("AGAIN", repr(str(again))))
    with pytest.raises(FetchError, match="apt-get failed: Connection failed"):
        open_locator("deb:qq", cache=cache).__enter__()
    for _ in range(2):
        with open_locator("deb:qq", cache=cache) as located:
            assert listing(located.root) == {"a.c": b"int a;"}
            assert (located.name, located.version) == ("qq", "2:1")
            assert located.purl.endswith("/qq@2:1?arch=source")
    assert again.read_text() == "qq_1.tar.gz"  # the .dsc was there from the first try
    downloads = [call for call in calls() if "--print-uris" not in call]
    assert downloads == ["-q -y source --download-only -- qq"] * 2
    assert not list((cache / "partial").glob("*/*"))


@pytest.mark.parametrize(
    ("told", "text", "release"),
    [
        ({"PRETTY_NAME": "X 12 (bookworm)", "VERSION_CODENAME": "bookworm"}, "deb:qq", "bookworm"),
        ({"PRETTY_NAME": "X forky/sid", "VERSION_CODENAME": "forky"}, "deb:qq", "sid"),
        ({"VERSION_CODENAME": "bookworm"}, "deb:qq=2:1", ""),
        ({}, "deb:qq", ""),
    ],
)
def test_the_release_of_a_debian_package_is_told(
    client, cache, tmp_path, monkeypatch, told, text, release
):
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "debian", **told})
    monkeypatch.delenv("APT_CONFIG", raising=False)
    (tmp_path / "again").touch()
    client("apt-get", APT.replace("AGAIN", repr(str(tmp_path / "again"))))
    with open_locator(text, cache=cache) as located:
        assert located.release == release


NO_SOURCES = """
if 'indextargets' in sys.argv:
    print('Packages|mirror:/d|sid|main|/keys.gpg|$(TRUSTED)')
    print('Packages|mirror:/own|./||$(SIGNED_BY)|yes')
    print('Translations|mirror:/d|sid|main|/keys.gpg|$(TRUSTED)')
elif 'source' in sys.argv and '-o' not in sys.argv:
    sys.exit("E: You must put some 'deb-src' URIs in your sources.list")
elif 'source' in sys.argv:
    sys.exit('E: Unable to find a source package for qq')
"""


def test_apt_without_sources_gets_lists_of_its_own_once_a_day(client, cache):
    calls = client("apt-get", NO_SOURCES)
    for _ in range(2):
        with pytest.raises(FetchError, match=r"source package for qq \(is the name right"):
            open_locator("deb:qq", cache=cache).__enter__()
    own = cache / "apt-sources"
    assert (own / "sources.list").read_text() == (
        "deb-src [signed-by=/keys.gpg] mirror:/d sid main\ndeb-src [trusted=yes] mirror:/own ./\n"
    )
    updates = [call for call in calls() if call.endswith(" update")]
    assert len(updates) == 1
    assert f"Dir::State::Lists={own / 'lists'}" in updates[0]
    assert "Dir::Etc::SourceParts=/dev/null" in updates[0]


def test_apt_without_any_repository_says_what_to_do(client, cache):
    client("apt-get", "if 'source' in sys.argv: sys.exit('E: some deb-src URIs')")
    with pytest.raises(FetchError, match="apt has no repository; add one"):
        open_locator("deb:qq", cache=cache).__enter__()


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("deb:qq=1:2~3+b", "-q -y source --download-only -- qq=1:2~3+b"),
        ("deb:qq:riscv64", "-q -y download -- qq:riscv64"),
        ("deb:qq:arm64=1-2", "-q -y download -- qq:arm64=1-2"),
        ("deb+bin:qq", "-q -y download -- qq"),
    ],
)
def test_the_forms_of_debian_locators(text, command, client, cache):
    calls = client("apt-get", "print(\"'u' qq.deb 1 SHA256:\" + 'a' * 64)")
    with pytest.raises(FetchError, match=r"did not download qq\.deb"):
        open_locator(text, cache=cache).__enter__()
    assert calls()[1] == command


def test_a_missing_client_is_named(cache, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchError, match="needs npm, which is not installed"):
        open_locator("npm:p", cache=cache).__enter__()


def test_a_client_gets_no_input_and_is_ended_with_its_children(client, tmp_path):
    marker = tmp_path / "alive"
    client(
        "slow",
        "assert sys.stdin.read() == ''\n"
        "if not os.fork():\n    import time\n    time.sleep(1.5)\n"
        f"    pathlib.Path({str(marker)!r}).touch()\n"
        "import time; time.sleep(60)",
    )
    seen = []
    watched = Watched("slow", lambda *told: seen.append(told), tmp_path)
    start = time.monotonic()
    with pytest.raises(FetchError, match="not finished after 0 s; run it again"):
        run(["slow"], watched, timeout=0.4)
    assert time.monotonic() - start < 3
    assert seen
    time.sleep(1.2)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("WARNING: index ignored\nERROR: no such thing\nERROR: No matching\n", "no such thing"),
        ("W: unsandboxed\nE: Failed to fetch x\nE: Unable to fetch some\n", "Failed to fetch x"),
        ("fatal: not a repository\n\nPlease make sure\nyou may read it.\n", "not a repository"),
        ("npm ERR! code E404\nnpm ERR! 404 Not Found\n", "Not Found"),
        ("something\nbroke\n", "broke"),
        ("WARNING: x\n", ""),
        ("E: \x1b[31mred\n", "\\x1b[31mred"),
    ],
)
def test_the_line_that_matters(said, line):
    assert meaningful(said) == line


def test_npm_names_and_ranges():
    assert parse_npm("npm:@a/b@>=1 <2 || 3.x") == ("@a/b", ">=1 <2 || 3.x")
    assert parse_npm("npm:left-pad@latest") == ("left-pad", "latest")


def test_python_locators():
    assert parse_pypi("pypi:Numpy==2.4.6").pinned
    assert not parse_pypi("pypi:numpy==2.*").pinned
    assert not parse_pypi("pypi:numpy").pinned
    wheel = parse_pypi("pypi:numpy>=2,<3#wheel=musllinux_1_2_riscv64,cp313")
    assert (wheel.form, wheel.specifier) == ("wheel", ">=2,<3")
    assert wheel.options == (
        "--platform", "musllinux_1_2_riscv64", "--implementation", "cp", "--python-version", "313",
    )  # fmt: skip


def test_the_name_of_a_machine_stands_for_every_glibc():
    tags = _platforms("x86_64")
    assert tags.index("manylinux_2_28_x86_64") < tags.index("manylinux2014_x86_64")
    assert _platforms("manylinux_2_28_x86_64") == ["manylinux_2_28_x86_64"]


def test_the_cache_is_private(client, cache):
    client("npm", NPM)
    with open_locator("npm:p@1.0.0", cache=cache):
        pass
    assert stat.S_IMODE(os.stat(cache).st_mode) == 0o700
    assert not [path for path in Path(cache).rglob("*") if path.is_symlink()]
