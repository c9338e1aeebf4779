"""Copies of manifest lists: which platforms container images are there for.

Formats: OCI Image Format Specification 1.1 (image index, layout), Docker Image Manifest V2, Schema
2 (manifest list).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from duanban.indexes import records
from duanban.indexes.interface import Copy, Fetched, Index, Progress, Request, Wanted
from duanban.inventory.knowledge import listed
from duanban.inventory.parse import as_list, as_table, as_text
from duanban.model import Answer, Offer
from duanban.model.errors import UsageError
from duanban.targets.interface import Target

LARGEST = 16 << 20
_NAME = "org.opencontainers.image.ref.name"


class Images:
    """Manifest lists in files, and OCI layouts, that the user names."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Read the platforms of every image; `NAME=FILE` says what an image is called."""
        if not request.given:
            raise UsageError(f"{request.name}: {request.known.how or 'name manifest lists'}")
        found = records.earlier(request.before, list[str])
        for given in request.given:
            name, _, place = given.rpartition("=")
            path = Path(place)
            layout = path / "index.json" if path.is_dir() else path
            document = _load(layout)
            for called, platforms in _platforms(document, name or path.stem, layout.parent):
                found[called] = sorted({*found.get(called, ()), *platforms})
        return records.write(directory, found)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy."""
        return _Open(copy, records.read(copy, directory, list[str]))


def _load(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            return as_table(json.loads(file.read(LARGEST)))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON") from error


def _platforms(document: Mapping[str, Any], name: str, layout: Path) -> list[tuple[str, list[str]]]:
    """Return the images that a manifest list or an OCI layout's index tells of."""
    manifests = [as_table(one) for one in as_list(document.get("manifests"))]
    if not manifests:
        raise UsageError(f"{name}: no manifest list (it names no `manifests`)")
    found: dict[str, list[str]] = {}
    for one in manifests:
        called = as_text(as_table(one.get("annotations")).get(_NAME)) or name
        platform = as_table(one.get("platform"))
        if platform:
            words = (as_text(platform.get(key)) for key in ("os", "architecture", "variant"))
            found.setdefault(called, []).append("/".join(filter(None, words)))
        elif nested := _blob(layout, as_text(one.get("digest"))):
            for inner, platforms in _platforms(nested, called, layout):
                found.setdefault(inner, []).extend(platforms)
    return [(called, [p for p in all_ if "unknown" not in p]) for called, all_ in found.items()]


def _blob(layout: Path, digest: str) -> Mapping[str, Any]:
    """Return an image index that stands in an OCI layout's blobs; empty if it is none."""
    algorithm, _, value = digest.partition(":")
    path = layout / "blobs" / algorithm / value
    if not (algorithm.isalnum() and value.isalnum() and path.is_file()):
        return {}
    document = _load(path)
    return document if document.get("manifests") else {}


class _Open:
    """A copy that is open for questions."""

    def __init__(self, copy: Copy, images: dict[str, list[str]]) -> None:
        self._images = images
        self.source = copy.provenance

    def concerns(self, wanted: Wanted) -> bool:
        return wanted.type in ("oci", "docker")

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Say whether an image is there for the target's machine."""
        names = (
            f"{wanted.full_name}:{wanted.version}", f"{wanted.name}:{wanted.version}",
            wanted.full_name, wanted.name,
        )  # fmt: skip
        platforms = next((self._images[name] for name in names if name in self._images), None)
        if platforms is None:
            return ()
        wanted_names = target.architecture.names.get("oci", (target.architecture.name,))
        for one in platforms:
            os, _, rest = one.partition("/")
            if os == "linux" and rest.partition("/")[0] in wanted_names:
                return (Offer(Answer.SAME_VERSION, self.source, version=wanted.version),)
        detail = f"the image is there for {listed(tuple(platforms), most=10)}"
        return (Offer(Answer.NONE, self.source, detail=detail),)
