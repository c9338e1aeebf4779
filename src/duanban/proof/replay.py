"""A proof that was carried out again, held against the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from duanban.proof.interface import Proof, Step, Tool
from duanban.report.text import visible


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was compared."""

    name: str
    same: bool
    words: str
    counts: bool = True
    """Whether another outcome here is another outcome of the proof."""


def compared(earlier: Proof, now: Proof) -> tuple[Point, ...]:
    """Return everything that was compared, in the order of the proof."""
    return tuple(_points(earlier, now))


def _points(earlier: Proof, now: Proof) -> Iterator[Point]:
    tree = earlier.subject.sha256 == now.subject.sha256
    words = f"{now.subject.sha256[:16]} then and now" if tree else "not the one that was proved"
    yield Point("tree", tree, words)
    patch = earlier.patch == now.patch
    yield Point("patch", patch, _size(now.patch) if patch else "another one")
    yield _tools(earlier.tools, now.tools)
    before = {step.name: step for step in earlier.steps}
    for step in now.steps:
        yield _step(before.get(step.name), step)
    yield _units(earlier, now)
    verdict = earlier.verdict is now.verdict
    words = f"{now.verdict}, as then" if verdict else f"{earlier.verdict} then, {now.verdict} now"
    yield Point("verdict", verdict, words)


def _size(patch: str) -> str:
    lines = patch.splitlines()
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    return f"+{added} −{removed}, the same" if patch else "none"


def _tools(then: tuple[Tool, ...], now: tuple[Tool, ...]) -> Point:
    known = {tool.name: tool.version for tool in then}
    have = {tool.name: tool.version for tool in now}
    words = [
        f"{name} {known.get(name, 'not used')} then, {have.get(name, 'not used')} now"
        for name in dict.fromkeys((*known, *have))
        if known.get(name) != have.get(name)
    ]
    same = f"the same {len(now)} versions"
    return Point("tools", not words, "; ".join(words) or same, counts=False)


def _step(then: Step | None, now: Step) -> Point:
    if then is None:
        return Point(now.name, False, f"not done then, {now.state} now")
    if then.state is not now.state:
        return Point(now.name, False, f"{then.state} then, {now.state} now: {now.reason}")
    differing = [
        f"{_named(name)} {_shown(then.facts[name])} then, {_shown(now.facts[name])} now"
        for name in now.facts
        if name in then.facts and _plain(then.facts[name]) != _plain(now.facts[name])
    ]
    words = "; ".join(differing) or ", ".join((f"{now.state}, as then", *_numbers(now.facts)))
    return Point(now.name, not differing, words)


def _units(earlier: Proof, now: Proof) -> Point:
    """Compare what the compilers said of each file."""
    then = {unit.path: (unit.reference, unit.target) for unit in earlier.units}
    differing = [
        unit.path
        for unit in now.units
        if then.get(unit.path, (None, None)) != (unit.reference, unit.target)
    ]
    gone = len(then.keys() - {unit.path for unit in now.units})
    if differing or gone:
        first = f", {PurePath(differing[0])} first" if differing else ""
        words = f"{len(differing)} files compile otherwise, {gone} are not compiled{first}"
        return Point("files", False, words)
    compiling = sum(unit.target for unit in now.units)
    return Point("files", True, f"the same {compiling} of {len(then)} compile for the target")


def _plain(value: object) -> object:
    """Return `value` as JSON would give it back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _numbers(facts: Mapping[str, object]) -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield f"{name}: {_shown(value)}"
        elif not isinstance(value, list | tuple):
            yield f"{_named(name)} {_shown(value)}"


def _named(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return f"{len(value)} files" if isinstance(value, list | tuple) else str(value)


def shown(points: tuple[Point, ...]) -> str:
    """Return what was compared for people, a line each, and what it comes to."""
    lines = ["Held against the earlier proof:", ""]
    lines += [f"  {'=' if one.same else '≠'} {one.name:<10} {one.words}" for one in points]
    other = [one.name for one in points if not one.same and one.counts]
    came = f"other outcome: {', '.join(other)}" if other else "the same outcome"
    tools = [one for one in points if not one.same and not one.counts]
    lines += ["", f"  {came}{', with other tools' if tools else ''}", ""]
    return "\n".join(visible(line) for line in lines)
