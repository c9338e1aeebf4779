"""What follows for macros from a condition that is met, or refused, though its value is unknown."""

from __future__ import annotations

from duanban.scan.cpp.expression import Defined, Unary
from duanban.scan.cpp.knowledge import DEFINED, UNDEFINED, UNKNOWN, Fact, Knowledge, Layer
from duanban.scan.cpp.parser import Condition

_MAX_NAMES = 8
"""Conditions with more unknown names are not looked into."""
_MAX_TOKENS = 120


def implications(test: Condition, known: Knowledge) -> tuple[Layer, Layer]:
    """Return the facts that hold where `test` is met, and where it is refused.

    A name must be defined if the condition could not be met (or refused) without it, and must be
    absent if it could not be with it: so each unknown name is supposed to be either, in turn.
    """
    node = test.node
    if isinstance(node, Defined):
        return {node.name: DEFINED}, {node.name: UNDEFINED}
    if isinstance(node, Unary) and node.operator == b"!" and isinstance(node.operand, Defined):
        return {node.operand.name: UNDEFINED}, {node.operand.name: DEFINED}
    met: Layer = {}
    refused: Layer = {}
    names = [name for name in sorted(test.names) if known.fact(name) is UNKNOWN]
    if len(names) > _MAX_NAMES or len(test.tokens) > _MAX_TOKENS:
        return met, refused
    layer: Layer = {}
    known.layers.append(layer)
    for name in names:
        supposed: tuple[tuple[Fact, Fact], ...] = ((UNDEFINED, DEFINED), (DEFINED, UNDEFINED))
        for supposition, opposite in supposed:
            layer[name] = supposition
            value = test.value(known)
            if value is not None:
                (refused if value else met)[name] = opposite
        del layer[name]
    known.layers.pop()
    return met, refused
