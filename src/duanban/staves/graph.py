"""The graph of what blocks what: from each thing that is short down to what must be solved.

Nodes are what the target lacks:

- a source that has no binary packages on the target, or old ones only;
- a binary package of the target that cannot be installed there;
- a binary package that only the reference has, as it would be if it were built on the target;
- a build that lacks some of what it needs.

Each has one or several *ways* to come about; a way needs roots to be solved and, of each of its
needs, one of several nodes. What the target has and can install is no node: it needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duanban.depend.architecture import in_list, matches
from duanban.depend.control import Stanza
from duanban.depend.cycles import components
from duanban.depend.relation import Alternative, parse_binary
from duanban.depend.source import relations
from duanban.depend.version import version_key
from duanban.staves.interface import Cause, Root
from duanban.staves.side import Side

_BUILD = (b"Build-Depends", b"Build-Depends-Arch")
"""What it takes to build the packages of one architecture (Debian Policy 7.7)."""
REDUCED = (b"nocheck", b"nodoc")
"""Build profiles that leave out what a first build can do without (dpkg, "Build profiles")."""
_BUILD_ALL = (*_BUILD, b"Build-Depends-Indep")


class Key(NamedTuple):
    """What a node stands for."""

    kind: str
    """`source`, `have` (a package of the target), `new` (one of the reference) or `build`."""
    what: bytes | int
    """Name of a source, or index of a package on its side."""


@dataclass(slots=True)
class Way:
    """One way in which a node comes about."""

    roots: int = 0
    """Bit mask of what must be solved."""
    needs: list[tuple[int, ...]] = field(default_factory=list)
    """Of each, one node must come about."""


@dataclass(slots=True)
class Graph:
    """Nodes by number."""

    keys: list[Key] = field(default_factory=list)
    ways: list[list[Way]] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    """Their places in a mask are their places here."""
    reasons: list[dict[str, None]] = field(default_factory=list)
    """Per root what it was found by: the list of architectures, who asks for what is missing, what
    is needed of the own cycle, the version that is there, the absent packages."""
    reducible: set[int] = field(default_factory=set)
    """Bits of roots that are cycles which a build with `REDUCED` breaks."""

    def edges(self) -> list[list[int]]:
        """Return per node the nodes that it may need."""
        return [
            list(dict.fromkeys(n for way in ways for need in way.needs for n in need))
            for ways in self.ways
        ]


class GraphBuilder:
    """Makes the graph of all that stands behind the nodes that are asked for.

    Args:
        target: where things are short.
        reference: where they are not.
        sources: the current stanza of every source.
        profiles: build profiles that are active.
    """

    def __init__(
        self,
        target: Side,
        reference: Side,
        sources: Mapping[bytes, Stanza],
        profiles: Sequence[bytes] = (),
    ) -> None:
        self.graph = Graph()
        self._target = target
        self._reference = reference
        self._sources = sources
        self._profiles = profiles
        self._architecture = target.universe.architecture
        self._index: dict[Key, int] = {}
        self._root_index: dict[Root, int] = {}
        self._pending: list[int] = []

    def node(self, kind: str, what: bytes | int) -> int:
        """Return the node, which `finish` makes if it is new."""
        key = Key(kind, what)
        number = self._index.get(key)
        if number is None:
            number = self._index[key] = len(self.graph.keys)
            self.graph.keys.append(key)
            self.graph.ways.append([])
            self._pending.append(number)
        return number

    def finish(self) -> Graph:
        """Make all nodes, and ways out of the cycles among sources; return the graph."""
        make: dict[str, Callable[..., list[Way]]] = {
            "source": self._source,
            "have": self._have,
            "new": self._new,
            "build": self._build,
        }
        while self._pending:
            number = self._pending.pop()
            kind, what = self.graph.keys[number]
            self.graph.ways[number] = make[kind](what)
        self._break_cycles()
        return self.graph

    def _root(self, name: bytes, cause: Cause, reason: bytes) -> int:
        root = Root(name.decode("utf-8", "replace"), (cause,))
        number = self._root_index.setdefault(root, len(self.graph.roots))
        if number == len(self.graph.roots):
            self.graph.roots.append(root)
            self.graph.reasons.append({})
        if reason:
            self.graph.reasons[number][reason.decode("utf-8", "replace")] = None
        return 1 << number

    def _source(self, name: bytes) -> list[Way]:
        """Build a source for the target: its list of architectures, what it needs, itself."""
        stanza = self._sources.get(name)
        there = self._target.built.get(name, b"")
        if stanza is None:
            return [Way(self._root(name, Cause.BUILD, there))]
        way = self._built_with(stanza, _BUILD)
        listed = stanza.get(b"Architecture", b"any")
        if not any(matches(one, self._architecture) for one in listed.split()):
            way.roots |= self._root(name, Cause.ARCHITECTURE_LIST, b" ".join(listed.split()))
        if not way.roots and not way.needs:
            way.roots = self._root(name, Cause.BUILD, there)
        return [way]

    def _build(self, name: bytes) -> list[Way]:
        """Bring together what a source is built with."""
        way = self._built_with(self._sources[name], _BUILD_ALL)
        # Without a need of its own it is a conflict that stops it, and nothing here ends that.
        return [way] if way.roots or way.needs else []

    def _built_with(self, stanza: Stanza, fields: Iterable[bytes]) -> Way:
        way = Way()
        for alternatives in relations(stanza, fields, self._architecture, self._profiles):
            nodes = self._as_written(alternatives)
            self._add_need(way, alternatives, nodes, stanza[b"Package"])
        return way

    def _have(self, index: int) -> list[Way]:
        """Mend a broken package of the target: what it needs comes, or it is built anew."""
        target, reference = self._target, self._reference
        universe = target.universe
        if index in target.outcome.conflicting:
            return []
        again = (
            []
            if universe.independent[index]
            else [
                Way(self._built_again(index, other), [(self.node("new", other),)])
                for other in reference.builder.named(universe.names[index])
                if reference.is_sound(other)
            ]
        )
        way = Way()
        for clause in universe.depends[index]:
            alternatives = parse_binary(universe.texts[clause])
            nodes = self._as_written(alternatives)
            if nodes is not None and not nodes and again:
                return again  # what it was built with is gone: only a new build helps
            self._add_need(way, alternatives, nodes, universe.names[index])
        return [way, *again]

    def _built_again(self, index: int, other: int) -> int:
        """Return the root of a new build of a package that is there in the reference's version."""
        name, version = self._target.origin(index)
        if version != self._reference.origin(other).version:
            return 0
        return self._root(name, Cause.BUILD, version)

    def _new(self, index: int) -> list[Way]:
        """Have a package of the reference on the target: its source is built, its needs are met."""
        universe = self._reference.universe
        if not self._reference.is_sound(index):
            return []
        way = Way()
        self._add_maker(way, index)
        for clause in universe.depends[index]:
            providers = universe.providers[clause]
            if all(self._is_not_for_target(one) for one in providers):
                continue
            alternatives = parse_binary(universe.texts[clause])
            nodes = self._as_written(alternatives)
            if nodes is None:
                continue
            for provider in providers:
                projected = self._projected(provider)
                if projected is None:
                    break
                nodes.extend(projected)
            else:
                self._add_need(way, alternatives, nodes, universe.names[index])
        return [way]

    def _add_maker(self, way: Way, index: int) -> None:
        """Add to `way` what it takes for the target to build a package of the reference."""
        target, reference = self._target, self._reference
        if reference.universe.independent[index]:
            return  # the same for all architectures; the target's index is only a little older
        name, version = reference.origin(index)
        built = target.built.get(name)
        if built is None or version_key(built) < version_key(version):
            way.needs.append((self.node("source", name),))
        elif target.builder.named(reference.universe.names[index]):
            way.roots |= self._root(name, Cause.BUILD, built)
        else:
            binary = reference.universe.names[index]
            way.roots |= self._root(name, Cause.ABSENT_BINARY, binary)

    def _as_written(self, alternatives: Sequence[Alternative]) -> list[int] | None:
        """Return the nodes that satisfy a relation to the letter; None if the target has one."""
        target, reference = self._target, self._reference
        nodes: list[int] = []
        for index in target.builder.providers(alternatives):
            if target.is_sound(index):
                return None
            nodes.append(self.node("have", index))
        for index in reference.builder.providers(alternatives):
            version = version_key(reference.universe.versions[index])
            known = target.builder.named(reference.universe.names[index])
            if all(version_key(target.universe.versions[i]) < version for i in known):
                nodes.append(self.node("new", index))
        return nodes

    def _projected(self, index: int) -> list[int] | None:
        """Return what stands on the target for a package of the reference; None if it is there.

        By name, not by what it provides: names made of a hash of the interface (OCaml, Haskell,
        Coq) and exact versions differ from architecture to architecture, and what is built on the
        target is built against the target's.
        """
        target, reference = self._target, self._reference
        wanted = version_key(reference.origin(index).version)
        nodes: list[int] = []
        for other in target.builder.named(reference.universe.names[index]):
            if version_key(target.origin(other).version) >= wanted:
                if target.is_sound(other):
                    return None
                nodes.append(self.node("have", other))
        return nodes or [self.node("new", index)]

    def _is_not_for_target(self, index: int) -> bool:
        """Return whether the target's build leaves this package of the reference out on purpose.

        Then a relation to it is of the reference's architecture only, and not one on the target.
        """
        universe = self._reference.universe
        name = self._reference.origin(index).name
        if universe.independent[index] or name not in self._target.built:
            return False
        listed = _listed_architectures(self._sources.get(name, {}), universe.names[index])
        return listed is not None and not in_list(listed, self._architecture)

    def _add_need(
        self, way: Way, alternatives: Sequence[Alternative], nodes: list[int] | None, asker: bytes
    ) -> None:
        if nodes:
            way.needs.append(tuple(dict.fromkeys(nodes)))
        elif nodes is not None:
            way.roots |= self._root(alternatives[0].name, Cause.MISSING_DEPENDENCY, asker)

    def _break_cycles(self) -> None:
        """Let each source that needs itself be built once by other means.

        Solving that root stands for a build by hand (a cross build, a reduced build, an older
        binary): what it needs from within the cycle is waived, the rest is not.
        """
        graph = self.graph
        edges = graph.edges()
        for members in components(edges):
            inside = set(members)
            if len(members) == 1 and members[0] not in edges[members[0]]:
                continue
            for number in members:
                kind, name = graph.keys[number]
                if kind != "source":
                    continue
                assert isinstance(name, bytes)
                way = graph.ways[number][0]
                roots = way.roots
                for need in way.needs:
                    if not inside.isdisjoint(need):
                        roots |= self._root(name, Cause.BOOTSTRAP_CYCLE, self.name(need[0]))
                if roots != way.roots:
                    needs = [need for need in way.needs if inside.isdisjoint(need)]
                    graph.ways[number].append(Way(roots, needs))
                    if self._is_broken_by_reduction(name, inside):
                        graph.reducible.add(roots & ~way.roots)

    def _is_broken_by_reduction(self, name: bytes, cycle: set[int]) -> bool:
        """Return whether a build without checks and documentation needs nothing of its cycle."""
        reduced = relations(self._sources[name], _BUILD, self._architecture, REDUCED)
        return all(cycle.isdisjoint(self._as_written(one) or ()) for one in reduced)

    def name(self, number: int) -> bytes:
        """Return the name of what a node stands for."""
        kind, what = self.graph.keys[number]
        if isinstance(what, bytes):
            return what
        side = self._target if kind == "have" else self._reference
        return side.universe.names[what]


def _listed_architectures(stanza: Mapping[bytes, bytes], package: bytes) -> bytes | None:
    """Return the architectures that `Package-List` gives for a package; None if it gives none."""
    for line in stanza.get(b"Package-List", b"").splitlines():
        words = line.split()  # package, type, section, priority, then key=value
        if words[:1] == [package]:
            for word in words[4:]:
                if word.startswith(b"arch="):
                    return word[5:].replace(b",", b" ")
    return None
