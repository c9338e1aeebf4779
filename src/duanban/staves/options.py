"""Sets of roots that are enough: monotone Boolean functions as their minimal terms.

A term is a bit mask of roots, a function the terms none of which contains another. `TRUE` holds
without any root, `FALSE` whatever is solved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Terms = tuple[int, ...]

TRUE: Terms = (0,)
FALSE: Terms = ()

MOST = 128
"""Terms that a function may have. Of more, those with the fewest roots are kept; what is chosen by
them is right all the same, but something cheaper may be overlooked (`Item.needed` bounds that)."""


def minimal(terms: Iterable[int]) -> Terms:
    """Return the terms that contain no other one, the smallest first."""
    kept: list[int] = []
    for term in sorted(set(terms), key=lambda term: (term.bit_count(), term)):
        if not any(other & term == other for other in kept):
            kept.append(term)
            if len(kept) == MOST:
                break
    return tuple(kept)


def any_of(functions: Iterable[Terms]) -> Terms:
    """Return what holds where one of `functions` does."""
    terms: set[int] = set()
    for function in functions:
        if function == TRUE:
            return TRUE
        terms.update(function)
    return minimal(terms)


def all_of(functions: Iterable[Terms], roots: int = 0) -> Terms:
    """Return what holds where all of `functions` do and all of `roots` are solved."""
    result: Sequence[int] = (roots,)
    for function in sorted(set(functions), key=len):
        if not function:
            return FALSE
        if function != TRUE:
            result = minimal(one | other for one in result for other in function)
    return tuple(result)


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def mask_of(places: Iterable[int]) -> int:
    """Return the mask with the bits at `places` set."""
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask
