"""The real pip asks an index on this machine, and looks into wheels by parts of their files."""

from __future__ import annotations

import http.server
import io
import json
import struct
import subprocess
import sys
import threading
import zipfile
from typing import ClassVar

import pytest

from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index, update_index
from duanban.indexes.wanted import wanted_of
from duanban.model import Component, ComponentState
from duanban.model.errors import FetchError
from duanban.targets.loader import load_target

pytestmark = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import pip"], check=False).returncode != 0,
    reason="needs pip",
)
RISCV, ARM = load_target("debian-sid-riscv64"), load_target("debian-sid-arm64")
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, 183) + bytes(44)  # aarch64


def wheel(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("filler.txt", bytes(range(256)) * 1000, zipfile.ZIP_STORED)
        for name, data in members.items():
            archive.writestr(f"pkg/{name}.so", data)
    return out.getvalue()


FILES = {
    "solver-1.0-py3-none-any.whl": wheel(cbc=ELF),
    "solver-0.9-py3-none-any.whl": wheel(),
    "plain-2.0-py3-none-any.whl": wheel(),
    "plain-2.0.tar.gz": b"x",
    "native-3.0-cp313-cp313-manylinux_2_28_aarch64.whl": b"x",
}


class Handler(http.server.BaseHTTPRequestHandler):
    """A simple index, in HTML or JSON, that gives parts of files."""

    as_json = True
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        name = self.path.strip("/").rpartition("/")[2]
        if self.path.startswith("/simple/"):
            files = [one for one in FILES if one.startswith(f"{name}-")]
            if not files:
                return self._send(404, b"")
            if self.as_json:
                told = [{"filename": one, "url": f"/files/{one}", "hashes": {}} for one in files]
                page = json.dumps({"meta": {}, "name": name, "files": told}).encode()
                return self._send(200, page, "application/vnd.pypi.simple.v1+json")
            links = "".join(f'<a href="/files/{one}#sha256=0">{one}</a>' for one in files)
            return self._send(200, links.encode(), "text/html")
        data = FILES[name]
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        start = int(first) if first else max(len(data) - int(last), 0)
        end = int(last) + 1 if first else len(data)
        return self._send(206, data[start:end], span=f"bytes {start}-{end - 1}/{len(data)}")

    def _send(self, code, body, kind="application/octet-stream", span=""):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(params=[True, False], ids=["json", "html"])
def url(request, monkeypatch):
    monkeypatch.setattr(Handler, "as_json", request.param)
    monkeypatch.setattr(Handler, "asked", [])
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null" if name.endswith("FILE") else "")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()


def test_asks_looks_inside_and_keeps(store, url):
    parts = ("pkg:pypi/solver@1.0", "pkg:pypi/plain@2.0", "pkg:pypi/native@3.0", "pkg:pypi/none@1")
    components = tuple(Component(one, ComponentState.LOCKED) for one in parts)
    settings = {"index_url": url}
    add_index(store, Request("pypi", known_index("pypi"), (), components, settings))

    def answers(purl, target):
        index = Library(store).named("pypi").index
        offers = index.offers(wanted_of(Component(purl, ComponentState.LOCKED)), target)
        return [offer.answer.value for offer in offers]

    assert answers(parts[0], ARM) == ["same-version"]  # the code inside is for this machine
    assert answers(parts[0], RISCV) == ["none"]  # what is in 0.9 nobody has looked at
    assert answers(parts[1], RISCV) == ["same-version"]
    assert answers(parts[2], ARM) == ["same-version"]
    assert answers(parts[2], RISCV) == ["none"]
    assert answers(parts[3], RISCV) == ["none"]
    # Only wanted versions are looked into, and what was asked before is kept.
    assert not any("solver-0.9" in path or "native" in path for path in Handler.asked[4:])
    update_index(store, "pypi")
    assert answers(parts[2], ARM) == ["same-version"]


def test_an_index_that_does_not_answer_is_an_error(store, monkeypatch):
    monkeypatch.setenv("PIP_RETRIES", "0")
    component = Component("pkg:pypi/plain@2.0", ComponentState.LOCKED)
    settings = {"index_url": "http://127.0.0.1:9/simple"}
    with pytest.raises(FetchError):
        add_index(store, Request("pypi", known_index("pypi"), (), (component,), settings))
    assert store.names() == []
