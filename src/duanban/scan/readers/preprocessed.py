"""What all readers of preprocessed languages have in common."""

from __future__ import annotations

from functools import cached_property

from duanban.scan.cpp.directives import (
    LineCounter,
    MacroDefinition,
    Text,
    definition,
    errors,
    included,
    others,
)
from duanban.scan.cpp.directives import includes as include_directives
from duanban.scan.cpp.directives import view as directive_view
from duanban.scan.cpp.outline import Outline, outline
from duanban.scan.cpp.script import Script, script
from duanban.scan.cpp.tracker import regions
from duanban.scan.interface import Include, MacroEnvironment, Region


class PreprocessedSource:
    """A file with `#if` and the like; a subclass says where its comments and strings are.

    All views are as long as the file. Only what is asked for is computed.
    """

    def __init__(self, data: bytes) -> None:
        # A vertical tab stands for a line end inside a comment in the logical text; one of the
        # file's own is white space like any other.
        self._data = data.replace(b"\v", b" ") if b"\v" in data else data

    @cached_property
    def _text(self) -> Text:
        return self._make_text()

    def _make_text(self) -> Text:
        """Return the file's logical text (see `cpp.directives`)."""
        raise NotImplementedError

    @cached_property
    def code(self) -> bytes:
        """Comments and the contents of strings blanked with spaces; quotes and newlines stay."""
        return self._text.logical[1:].replace(b"\v", b"\n")

    @cached_property
    def strings(self) -> bytes:
        """Only the contents of strings."""
        raise NotImplementedError

    @cached_property
    def directives(self) -> bytes:
        """Only preprocessor directives, with their strings, comments blanked."""
        return directive_view(self._text)[1:].replace(b"\v", b"\n")

    @cached_property
    def asm(self) -> bytes:
        """Nothing: a subclass that has assembly overrides this."""
        return b""

    @cached_property
    def operands(self) -> bytes:
        """Nothing, likewise."""
        return b""

    @cached_property
    def includes(self) -> tuple[Include, ...]:
        """The files it includes by name, in order."""
        found = []
        counter = LineCounter(self._data)
        if b"#" not in self._text.logical:
            return ()
        for directive in include_directives(self._text):
            target = included(directive.rest)
            if target is not None:
                name, angled = target
                line = counter.line(directive.at)
                found.append(Include(line, name.decode("utf-8", "replace"), angled))
        return tuple(found)

    @cached_property
    def defines(self) -> tuple[MacroDefinition, ...]:
        """Every `#define` in order, whatever conditions it stands under."""
        found = []
        counter = LineCounter(self._data)
        for directive in others(self._text):
            parsed = definition(directive.rest) if directive.keyword == b"define" else None
            if parsed is not None:
                line = counter.line(directive.at)
                found.append(MacroDefinition(line, *parsed))
        return tuple(found)

    @cached_property
    def errors(self) -> tuple[tuple[int, str], ...]:
        """Line and text of every `#error`."""
        if b"error" not in self._data:
            return ()
        counter = LineCounter(self._data)
        return tuple(
            (counter.line(directive.at), directive.rest.decode("utf-8", "replace"))
            for directive in errors(self._text)
        )

    @cached_property
    def outline(self) -> Outline:
        """Its conditions, and what can change their values."""
        return outline(self._text, self._data)

    @cached_property
    def script(self) -> Script:
        """All directives in order, for runs of whole translation units."""
        return script(self._text, self._data)

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return the states of all lines in `environment`, in order and without gaps."""
        return regions(self.outline, environment)
