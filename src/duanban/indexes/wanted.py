"""From a component to the question that indexes are asked."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from duanban.indexes.interface import Wanted
from duanban.model import Component


def wanted_of(component: Component) -> Wanted | None:
    """Return what `component` asks of an index; None if its package URL cannot be read."""
    stem, _, qualifiers = component.purl.partition("#")[0].partition("?")
    scheme, _, rest = stem.partition(":")
    type, _, path = rest.lstrip("/").partition("/")
    if scheme != "pkg" or not path:
        return None
    name, at, version = path.rpartition("@")
    if not at:
        name, version = path, ""
    namespace, _, short = name.rpartition("/")
    told = dict(parse_qsl(qualifiers))
    return Wanted(
        component=component,
        type=type.lower(),
        namespace=unquote(namespace),
        name=unquote(short),
        version=unquote(version),
        architecture=told.get("arch", ""),
        source=_source(component.source),
    )


def _source(purl: str) -> str:
    return unquote(purl.partition("?")[0].partition("@")[0].rpartition("/")[2])
