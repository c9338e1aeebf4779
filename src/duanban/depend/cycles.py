"""Strongly connected components of a graph."""

from __future__ import annotations

from collections.abc import Sequence


def components(edges: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the strongly connected components, each after those that it leads to.

    Tarjan, "Depth-first search and linear graph algorithms" (SIAM Journal on Computing 1(2),
    1972), without recursion.

    Args:
        edges: per node the nodes that it leads to.
    """
    count = len(edges)
    order, low = [0] * count, [0] * count
    on_stack = bytearray(count)
    stack: list[int] = []
    found: list[list[int]] = []
    visited = 0
    for start in range(count):
        if order[start]:
            continue
        path = [(start, iter(edges[start]))]
        visited += 1
        order[start] = low[start] = visited
        stack.append(start)
        on_stack[start] = 1
        while path:
            node, rest = path[-1]
            for following in rest:
                if not order[following]:
                    visited += 1
                    order[following] = low[following] = visited
                    stack.append(following)
                    on_stack[following] = 1
                    path.append((following, iter(edges[following])))
                    break
                if on_stack[following]:
                    low[node] = min(low[node], order[following])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    members: list[int] = []
                    while True:
                        members.append(stack.pop())
                        on_stack[members[-1]] = 0
                        if members[-1] == node:
                            break
                    found.append(members)
    return found
