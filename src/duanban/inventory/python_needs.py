"""Whether a locked Python package is needed on a target, by environment markers.

Source: https://packaging.python.org/en/latest/specifications/dependency-specifiers/ (PEP 508).
"""

from __future__ import annotations

from functools import lru_cache

from duanban.targets.interface import Target

_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
"""Which Python will run is not known; a package is needed if any of these needs it."""


def marker_holds(marker: str, target: Target, pythons: str = "") -> bool:
    """Return whether `marker` can hold on `target`; True where it cannot be understood.

    `pythons` is a version specifier: only versions of Python that it admits are tried.
    """
    return not marker or _holds(marker, target.architecture.name, pythons)


@lru_cache(maxsize=8192)
def _holds(text: str, machine: str, pythons: str) -> bool:
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName  # noqa: PLC0415

    try:
        marker = Marker(text)
        return any(
            marker.evaluate(_environment(machine, version)) for version in _admitted(pythons)
        )
    except (InvalidMarker, UndefinedEnvironmentName, ValueError, RecursionError):
        return True


def _environment(machine: str, version: str) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{version}.0",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": "linux",
        "extra": "",
    }


@lru_cache(maxsize=256)
def _admitted(pythons: str) -> tuple[str, ...]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415

    try:
        specifiers = SpecifierSet(pythons)
    except InvalidSpecifier:
        return _PYTHONS
    # A late patch release, so that `>=3.11.2` admits 3.11.
    fitting = tuple(one for one in _PYTHONS if specifiers.contains(f"{one}.99"))
    return fitting or _PYTHONS
