"""Downloads one file with pip's own finder and session; run as a script by a Python that has pip.

`pip download` would run the build backend of a source distribution to learn its metadata, that is,
execute what is to be checked (docs/adr/0003-downloads-without-running.md). This asks the same
indexes with the same configuration, credentials and proxies, and stops after the download.

    python pip_fetch.py DIRECTORY BLOBS NAME SPECIFIER source|wheel [PIP OPTION]...

writes the file and `result.json` into DIRECTORY. A file that was half downloaded goes on if the
server can. Kept to what pip 20.3 to 26.3 have in common, and to Python 3.8.
"""

# Text paths, for old Pythons; pip has no public types; it is imported once the path is set:
# ruff: noqa: PTH100, PTH105, PTH108, PTH113, PTH118, PTH119, PTH120, PTH123, PTH202, ANN401, PLC0415

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from typing import Any

CHUNK = 256 * 1024


def main(arguments: list[str]) -> int:
    """Run the script; the exit code is pip's."""
    directory, blobs, name, specifier, form, *options = arguments
    # The directory of this script holds modules of ours that pip must not find.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    from pip._internal.commands import create_command

    command: Any = create_command("download")
    command.ignore_require_venv = True

    def fetch(parsed: Any, _arguments: list[str]) -> int:
        link, version = choose(command, parsed, name, specifier, form)
        result = {"file": link.filename, "version": version, "sha256": ""}
        if link.hash_name == "sha256" and in_cache(blobs, link.hash):
            result["sha256"] = link.hash
        else:
            download(command, parsed, link, os.path.join(directory, link.filename))
        with open(os.path.join(directory, "result.json"), "w") as out:
            json.dump(result, out)
        return 0

    command.run = fetch
    return int(command.main([*options, "--", name]))


def choose(
    command: Any,
    parsed: Any,
    name: str,
    specifier: str,
    form: str,
) -> tuple[Any, str]:
    """Return the link and the version of the best file.

    That is the newest version that fits, and of it the source distribution, or a wheel if that is
    asked for or all there is.
    """
    from pip._internal.cli.cmdoptions import make_target_python
    from pip._internal.exceptions import DistributionNotFound
    from pip._internal.models.format_control import FormatControl
    from pip._vendor.packaging.specifiers import SpecifierSet

    only_wheels = {":all:"} if form == "wheel" else set()
    parsed.format_control = FormatControl(set(), only_wheels)
    finder = command._build_package_finder(
        options=parsed,
        session=command.get_default_session(parsed),
        target_python=make_target_python(parsed),
        ignore_requires_python=True,  # it is read, not installed
    )
    best = finder.find_best_candidate(name, SpecifierSet(specifier)).best_candidate
    if best is None:
        known = sorted({c.version for c in finder.find_all_candidates(name)}, reverse=True)
        versions = ", ".join(str(version) for version in known[:5])
        kind = "wheel for this platform" if form == "wheel" else "source or fitting wheel"
        hint = f"; there is {versions}" if known else ""
        raise DistributionNotFound(f"the indexes have no {kind} of {name}{specifier}{hint}")
    link = best.link
    if form == "source" and link.is_wheel:
        same = [c.link for c in finder.find_all_candidates(name) if c.version == best.version]
        sources = [other for other in same if not other.is_wheel]
        sources.sort(key=lambda other: not other.filename.endswith(".tar.gz"))
        link = sources[0] if sources else link
    return link, str(best.version)


def in_cache(blobs: str, sha256: str) -> bool:
    """Return whether the file with this hash was downloaded before."""
    return os.path.isfile(os.path.join(blobs, sha256[:2], sha256))


def download(command: Any, parsed: Any, link: Any, path: str) -> None:
    """Put the file behind `link` at `path`, going on where an earlier call stopped."""
    from pip._internal.exceptions import InstallationError

    if link.filename != os.path.basename(path) or link.is_vcs:
        raise InstallationError(f"{link} is not a file")
    part = f"{path}.part"
    if link.is_file:
        shutil.copyfile(link.file_path, part)
    else:
        receive(command.get_default_session(parsed), link, part)
    if link.hash_name and digest(part, link.hash_name) != link.hash:
        os.unlink(part)
        raise InstallationError(f"{link.filename} is not what the index says ({link.hash_name})")
    os.replace(part, path)


def receive(session: Any, link: Any, part: str) -> None:
    """Download to `part`; what is there already is kept if a hash can prove the whole."""
    from pip._internal.exceptions import InstallationError

    have = os.path.getsize(part) if link.hash_name and os.path.isfile(part) else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    response = session.get(link.url_without_fragment, headers=headers, stream=True)
    if response.status_code == 416:  # it was already complete, or is another file now
        response.close()
        return
    if response.status_code >= 400:
        raise InstallationError(f"HTTP {response.status_code} for {link.url_without_fragment}")
    if response.status_code != 206:
        have = 0
    expected = response.headers.get("Content-Length", "")
    received = 0
    with open(part, "ab" if have else "wb") as out:
        for chunk in response.iter_content(CHUNK):
            out.write(chunk)
            received += len(chunk)
    if expected.isdigit() and received < int(expected):
        raise InstallationError(f"{link.filename}: the connection broke; run it again to go on")


def digest(path: str, algorithm: str) -> str:
    """Return the hash of a file in hexadecimal."""
    value = hashlib.new(algorithm)
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            value.update(chunk)
    return value.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
