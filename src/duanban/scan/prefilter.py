"""Which patterns occur in a file, asked for those alone that matter to its language.

Most patterns are about some languages only, and those that cost most in a search (assembler's short
words, lists of machines in build files) are about few. So there is a matcher for every set of
patterns that some language needs: a manual is searched for a handful.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duanban.scan.catalogue import Catalogue
from duanban.scan.matchers.interface import Matcher

ANY = "any"
"""In a rule's languages: it is about files of every language."""

NOTHING: tuple[int, ...] = ()


class Prefilter:
    """Searches files for the patterns of a catalogue.

    Args:
        catalogue: has the patterns.
        build: makes a matcher of some patterns.
    """

    def __init__(self, catalogue: Catalogue, build: Callable[[Sequence[bytes]], Matcher]) -> None:
        self._catalogue = catalogue
        self._build = build
        self._languages_of = [
            frozenset(language for i in users for language in catalogue.rules[i].rule.languages)
            for users in catalogue.rules_of
        ]
        self._wanted: dict[str, tuple[int, ...]] = {}
        self._matchers: dict[tuple[int, ...], Matcher] = {}
        # The largest set takes longest to compile, and is there for all workers when they fork.
        known = frozenset[str]().union(*self._languages_of)
        self._matcher(max((self._patterns_for(one) for one in known), key=len, default=NOTHING))

    @property
    def engine(self) -> str:
        """The name of the matchers' engine."""
        return next(iter(self._matchers.values())).name

    def hits(self, language: str, data: bytes) -> Sequence[int]:
        """Return the indexes of the catalogue's patterns that occur in a file of `language`."""
        wanted = self._wanted.get(language)
        if wanted is None:
            wanted = self._wanted[language] = self._patterns_for(language)
        if not wanted:
            return NOTHING
        return [wanted[hit] for hit in self._matcher(wanted).hits(data)]

    def _patterns_for(self, language: str) -> tuple[int, ...]:
        return tuple(
            index
            for index, languages in enumerate(self._languages_of)
            if language in languages or ANY in languages
        )

    def _matcher(self, wanted: tuple[int, ...]) -> Matcher:
        matcher = self._matchers.get(wanted)
        if matcher is None:
            patterns = [self._catalogue.patterns[index] for index in wanted]
            matcher = self._matchers[wanted] = self._build(patterns)
        return matcher
