"""Asks pip's indexes which files projects have; run as a script by a Python that has pip.

The indexes, credentials, proxies and certificates are those of the user's pip. Nothing is installed
and nothing of a package is run. Of wheels that say they are for any machine, the directory at the
end of the archive is read and the headers of what may be machine code, as far as the server gives
parts of a file.

    python pip_pages.py DIRECTORY [PIP OPTION]...

reads `asked.json` in DIRECTORY (`[[NAME, VERSION], ...]`) and writes `answers.json`. Kept to what
pip 20.3 to 26.3 have in common, and to Python 3.8.
"""

# Text paths, for old Pythons; pip has no public types; it is imported once the path is set:
# ruff: noqa: PTH100, PTH118, PTH120, PTH123, ANN401, PLC0415

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = JSON + ", application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1"
TAIL = 65536
HEADER = 256
MEMBERS = 200
"""Files of a wheel whose headers are read at most."""
CODE = (".so", ".dll", ".pyd", ".exe", ".dylib", ".node", ".bin", ".a")


def main(arguments: list[str]) -> int:
    """Run the script; the exit code is pip's."""
    directory, *options = arguments
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    from pip._internal.commands import create_command

    command: Any = create_command("download")
    command.ignore_require_venv = True
    with open(os.path.join(directory, "asked.json"), encoding="utf-8") as file:
        asked = json.load(file)

    def fetch(parsed: Any, _arguments: list[str]) -> int:
        session = command.get_default_session(parsed)
        urls = [parsed.index_url, *parsed.extra_index_urls]
        if parsed.no_index:
            urls = []
        answers = {}
        for number, (name, version) in enumerate(asked):
            files = [one for url in urls for one in page(session, url, name)]
            look_inside(session, files, version)
            answers[name] = files
            with open(os.path.join(directory, "progress"), "w") as out:
                out.write("x" * (number + 1))
        with open(os.path.join(directory, "answers.json"), "w", encoding="utf-8") as out:
            json.dump(answers, out)
        return 0

    command.run = fetch
    return int(command.main([*options, "--", "pip"]))


def page(session: Any, index: str, name: str) -> list[dict[str, Any]]:
    """Return the files that an index has of a project; none if it does not have it."""
    url = "{}/{}/".format(index.rstrip("/"), name)
    if urlsplit(url).scheme == "file":
        url = urljoin(url, "index.html")
    try:
        response = session.get(url, headers={"Accept": ACCEPT})
    except Exception as error:
        if urlsplit(url).scheme == "file":
            return []
        raise SystemExit(f"ERROR: {name}: {error}") from error
    if response.status_code == 404:
        return []
    if response.status_code >= 400:
        raise SystemExit(f"ERROR: HTTP {response.status_code} for {name}")
    if response.headers.get("Content-Type", "").startswith(JSON):
        found = response.json().get("files", [])
        return [
            {
                "name": one["filename"],
                "url": urljoin(response.url, one["url"]),
                "yanked": bool(one.get("yanked")),
            }
            for one in found
        ]
    parser = Anchors(response.url)
    parser.feed(response.text)
    return parser.files


class Anchors(HTMLParser):
    """Collects the files of a page in HTML (PEP 503, PEP 592)."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.files: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an anchor."""
        told = dict(attrs)
        if tag != "a" or not told.get("href"):
            return
        url = urljoin(self.base, told["href"]).partition("#")[0]
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        self.files.append({"name": name, "url": url, "yanked": "data-yanked" in told})


def look_inside(session: Any, files: list[dict[str, Any]], version: str) -> None:
    """Note the machine code in the wheels of a version that say they are for any machine."""
    for one in files:
        parts = one["name"][:-4].split("-")
        url = one.pop("url")
        fits = one["name"].endswith("-any.whl") and len(parts) >= 5 and parts[1] == version
        if fits and urlsplit(url).scheme in ("http", "https"):
            try:
                one["native"] = headers_of(Remote(session, url))
            except Exception:  # a server that gives no parts, a damaged archive
                one["native"] = None


def headers_of(remote: Remote) -> list[list[str]]:
    """Return name and first bytes (in hexadecimal) of each member that may be machine code."""
    found: list[list[str]] = []
    with zipfile.ZipFile(remote) as archive:
        for info in archive.infolist():
            base = info.filename.rpartition("/")[2].lower()
            executable = (info.external_attr >> 16) & 0o111 and "." not in base
            if base.endswith(CODE) or ".so." in base or executable:
                with archive.open(info) as member:
                    found.append([info.filename, member.read(HEADER).hex()])
                if len(found) >= MEMBERS:
                    break
    return found


class Remote(io.RawIOBase):
    """A file of a server, read in parts."""

    def __init__(self, session: Any, url: str) -> None:
        self.session = session
        self.url = url
        self.at = 0
        self.blocks: dict[int, bytes] = {}
        first = self.ask(f"bytes=-{TAIL}")
        told = first.headers.get("Content-Range", "").rpartition("/")[2]
        if first.status_code != 206 or not told.isdigit():
            first.close()
            raise OSError("no parts")
        self.size = int(told)
        self.tail = first.content
        self.tail_start = self.size - len(self.tail)

    def ask(self, wanted: str) -> Any:
        """Request a part."""
        headers = {"Range": wanted, "Accept-Encoding": "identity"}
        return self.session.get(self.url, headers=headers, stream=True)

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        end = self.size if size < 0 else min(self.at + size, self.size)
        data = b""
        while self.at < end:
            data += self.part(end - self.at)
        return data

    def part(self, most: int) -> bytes:
        """Return bytes of the block that holds the place."""
        if self.at >= self.tail_start:
            start, block = self.tail_start, self.tail
        else:
            number = self.at // TAIL
            if number not in self.blocks:
                start = number * TAIL
                end = min(start + TAIL, self.size) - 1
                response = self.ask(f"bytes={start}-{end}")
                if response.status_code != 206:
                    response.close()
                    raise OSError("no parts")
                self.blocks[number] = response.content
            start, block = number * TAIL, self.blocks[number]
        data: bytes = block[self.at - start : self.at - start + most]
        self.at += len(data)
        if not data:
            raise OSError("cut off")
        return data


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
