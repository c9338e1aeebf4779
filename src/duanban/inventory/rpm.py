"""Reads RPM's database of installed packages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from duanban.inventory.distribution import DistributionPackage, installed_inventory, os_release
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import as_text
from duanban.inventory.purls import make_purl
from duanban.inventory.rpm_databases import header_blobs
from duanban.inventory.rpm_header import RpmHeader, read_header

_PLACE = re.compile(
    r"(?P<root>(?:.*/)?)(?:var/lib/rpm|usr/lib/sysimage/rpm|usr/share/rpm)/"
    r"(?:rpmdb\.sqlite|Packages\.db|Packages)\Z"
)
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?:no)?src\.rpm\Z")
_KEYS = "gpg-pubkey"
"""The name of the entries that keep signing keys."""


class RpmReader:
    """Reads `rpmdb.sqlite`, `Packages.db` and `Packages` where rpm keeps them."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands where rpm keeps its database."""
        return bool(_PLACE.match(path))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the installed packages and what they need."""
        match = _PLACE.match(manifest.path)
        vendor = os_release(manifest, match["root"] if match else "")[0].lower()
        found = (read_header(blob) for blob in header_blobs(manifest.read()))
        headers = [one for one in found if one is not None and one.name != _KEYS]
        owners = _file_owners(headers)
        packages = [_package(one, vendor, owners[one.name]) for one in headers]
        return installed_inventory(manifest, packages)


def _package(header: RpmHeader, vendor: str, files: Sequence[str]) -> DistributionPackage:
    version = f"{header.version}-{header.release}"
    source = _SOURCE.match(as_text(header.source))
    return DistributionPackage(
        header.name,
        make_purl(
            "rpm", header.name, version, vendor, arch=header.architecture, epoch=header.epoch
        ),
        source=make_purl("rpm", source["name"], source["version"], vendor, arch="src")
        if source
        else "",
        requires=[one for one in dict.fromkeys(header.requires) if not one.startswith("rpmlib(")],
        recommends=header.recommends,
        provides=[*(one for one in header.provides if one != header.name), *files],
    )


def _file_owners(headers: Sequence[RpmHeader]) -> dict[str, list[str]]:
    """Return per package name those of its files that some package requires by path."""
    wanted = {one for header in headers for one in header.requires if one.startswith("/")}
    bases = frozenset(one.rpartition("/")[2] for one in wanted)
    owners: dict[str, list[str]] = defaultdict(list)
    for header in headers:
        owners[header.name].extend(path for path in header.files(bases) if path in wanted)
    return owners
