"""The real pip against an index on this machine: nothing is built, what broke goes on."""

from __future__ import annotations

import hashlib
import http.server
import io
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
from archive_sample import listing

from duanban.locate import open_locator
from duanban.model.errors import FetchError

pytestmark = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import pip"], check=False).returncode != 0,
    reason="needs pip",
)


def sdist(marker: Path, version: str) -> bytes:
    """A source distribution that leaves a trace if anything of it is run."""
    trap = f"open({str(marker)!r}, 'w')\n".encode()
    files = {
        "setup.py": trap,
        "backend.py": trap,
        "pyproject.toml": b"[build-system]\nrequires=[]\nbuild-backend='backend'\n"
        b"backend-path=['.']",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: trap\nVersion: {version}\n".encode(),
        "filler": bytes(range(256)) * 2000,
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=0) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"trap-{version}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def wheel(version: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("trap.py", "")
        archive.writestr(f"trap-{version}.dist-info/METADATA", "Name: trap\n")
    return out.getvalue()


class Index:
    """A simple index (PEP 503) whose downloads can break half-way."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.break_after = 0
        self.requests: list[tuple[str, str]] = []
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                index.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, handler) -> None:
        name = handler.path.rsplit("/", 1)[-1]
        ranged = handler.headers.get("Range", "")
        if handler.path == "/simple/trap/":
            links = "".join(
                f'<a href="/files/{n}#sha256={hashlib.sha256(d).hexdigest()}">{n}</a>'
                for n, d in self.files.items()
            )
            body, status = f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), 200
        elif name in self.files:
            self.requests.append((name, ranged))
            start = int(ranged.removeprefix("bytes=").removesuffix("-")) if ranged else 0
            body, status = self.files[name][start:], 206 if ranged else 200
        else:
            body, status = b"", 404
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if name in self.files and self.break_after:
            handler.wfile.write(body[: self.break_after])
            self.break_after = 0
            handler.close_connection = True
        else:
            handler.wfile.write(body)


@pytest.fixture
def marker(tmp_path):
    return tmp_path / "executed"


@pytest.fixture
def index(marker, monkeypatch, tmp_path):
    served = Index({
        "trap-1.0.tar.gz": sdist(marker, "1.0"),
        "trap-1.0-py3-none-any.whl": wheel("1.0"),
        "trap-0.9-cp312-cp312-manylinux_2_28_riscv64.whl": wheel("0.9"),
    })  # fmt: skip
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{served.url}/simple")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    yield served
    served.server.shutdown()
    served.server.server_close()


def test_a_source_distribution_is_fetched_and_nothing_of_it_runs(index, cache, marker):
    with open_locator("pypi:Trap", cache=cache) as located:
        assert (located.name, located.version) == ("trap", "1.0")
        assert located.purl == "pkg:pypi/trap@1.0"
        assert set(listing(located.root)) >= {"setup.py", "pyproject.toml"}
    assert not marker.exists()
    with open_locator("pypi:trap", cache=cache):  # asks the index, not for the file
        pass
    assert index.requests == [("trap-1.0.tar.gz", "")]


def test_a_broken_download_goes_on(index, cache):
    index.break_after = 200_000
    with pytest.raises(FetchError, match="pip failed"):
        open_locator("pypi:trap==1.0", cache=cache).__enter__()
    with open_locator("pypi:trap==1.0", cache=cache) as located:
        assert (located.root / "filler").stat().st_size == 512_000
    assert index.requests[0] == ("trap-1.0.tar.gz", "")
    name, ranged = index.requests[1]
    assert (name, ranged) == ("trap-1.0.tar.gz", "bytes=200000-")


def test_wheels_of_this_and_of_another_machine(index, cache):
    with open_locator("pypi:trap#wheel", cache=cache) as located:
        assert located.version == "1.0"
        assert (located.root / "trap-1.0.dist-info").is_dir()
    with open_locator("pypi:trap==0.9#wheel=riscv64,cp312", cache=cache) as located:
        assert located.version == "0.9"


def test_a_file_that_is_not_what_the_index_says_is_refused(index, cache, monkeypatch):
    good = index.files["trap-1.0.tar.gz"]
    answer = index.answer

    def lie(handler):
        index.files["trap-1.0.tar.gz"] = good if "simple" in handler.path else b"other" * 99
        answer(handler)

    index.answer = lie
    with pytest.raises(
        FetchError, match=r"trap-1\.0\.tar\.gz is not what the index says \(sha256\)"
    ):
        open_locator("pypi:trap==1.0", cache=cache).__enter__()


def test_what_the_index_lacks_is_said_with_what_it_has(index, cache):
    with pytest.raises(FetchError, match=r"no source or fitting wheel of trap==7; there is 1\.0"):
        open_locator("pypi:trap==7", cache=cache).__enter__()
