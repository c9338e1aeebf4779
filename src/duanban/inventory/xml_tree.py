"""Reads XML that nobody vouches for: no document types, so no entities; little depth."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from duanban.inventory.parse import DamagedError, first_line

_DEEPEST = 200
_MOST_ELEMENTS = 3_000_000


class _Refused(Exception):
    """What no manifest has; its text is the reason."""


class _Handler:
    """Builds a tree of elements without namespaces."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self._depth = 0
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST or self._count > _MOST_ELEMENTS:
            raise _Refused("too many elements, or nested too deeply")
        self.builder.start(name.rpartition(" ")[2], attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self.builder.end(name.rpartition(" ")[2])

    def doctype(self, *_: object) -> None:
        raise _Refused("a document type, which could define entities, is not read")


def load_xml(data: bytes) -> Element:
    """Return the root element, its and all others' names without their namespaces.

    Raises:
        DamagedError: it is not well-formed, has a document type, or is too deep.
    """
    handler = _Handler()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.builder.data
    parser.StartDoctypeDeclHandler = handler.doctype
    try:
        parser.Parse(data, True)
        return handler.builder.close()
    except (expat.ExpatError, _Refused, ValueError, LookupError) as error:
        raise DamagedError(f"not readable as XML: {first_line(error)}") from None


def child_text(element: Element, name: str) -> str:
    """Return the text of the first child of that name, without control characters; or nothing."""
    found = element.find(name)
    text = (found.text or "").strip() if found is not None else ""
    return text if text.isprintable() else ""
