"""The solver against trying all assignments."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.depend.sat import Solver

VARIABLES = 7
CLAUSES = st.lists(st.lists(st.integers(0, 2 * VARIABLES - 1), min_size=1, max_size=3), max_size=40)


def _holds(clauses: list[list[int]], values: tuple[bool, ...]) -> bool:
    return all(any(values[one >> 1] != bool(one & 1) for one in clause) for clause in clauses)


def _possible(clauses: list[list[int]]) -> bool:
    return any(_holds(clauses, values) for values in product((False, True), repeat=VARIABLES))


@settings(max_examples=500)
@given(clauses=CLAUSES)
def test_answers_and_reasons_are_right(clauses: list[list[int]]) -> None:
    solver = Solver(VARIABLES)
    for number, clause in enumerate(clauses):
        solver.add(clause, number)
    assert solver.solve() == _possible(clauses)
    if solver.why:
        because = [clauses[number] for number in solver.why if isinstance(number, int)]
        assert not _possible(because)
    else:
        assert _holds(clauses, tuple(solver.value(number) for number in range(VARIABLES)))


def test_pigeons_do_not_fit() -> None:
    holes = 5
    solver = Solver(holes * (holes + 1))
    for pigeon in range(holes + 1):
        solver.add([2 * (pigeon * holes + hole) for hole in range(holes)])
    for hole in range(holes):
        for one in range(holes + 1):
            for other in range(one):
                solver.add([2 * (one * holes + hole) + 1, 2 * (other * holes + hole) + 1])
    assert not solver.solve()
