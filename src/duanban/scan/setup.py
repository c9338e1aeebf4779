"""Everything a scan needs that depends only on the targets, put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from duanban.rules import expand, load_rules, tables_of
from duanban.rules.interface import Rule
from duanban.scan.catalogue import Catalogue, build_catalogue
from duanban.scan.examine import Examiner
from duanban.scan.interface import MacroEnvironment
from duanban.scan.matchers import build_matcher
from duanban.scan.place import place_names
from duanban.scan.prefilter import Prefilter
from duanban.targets.architectures import ARCHITECTURES, architecture, elsewhere
from duanban.targets.interface import Target
from duanban.targets.loader import load_target
from duanban.targets.macros import macro_environment

REFERENCE = "eu-csf-debian-sid-amd64"
"""A target on x86-64, whose architecture and C library are all that is used of it."""


@cache
def expanded_rules() -> tuple[Rule, ...]:
    """Return all rules, with the tables of facts put into their patterns."""
    tables = tables_of([architecture(name) for name in ARCHITECTURES])
    return expand(load_rules(), tables)


def make_examiner(targets: Sequence[Target], engine: str = "") -> Examiner:
    """Return what examines files for `targets`.

    Args:
        targets: in the order in which results are wanted.
        engine: of the prefilter, see `build_matcher`.

    Raises:
        UsageError: the engine is not there.
    """
    catalogue = build_catalogue(expanded_rules(), targets)
    environments = [environment_of(target) for target in targets]
    prefilter = Prefilter(catalogue, lambda patterns: build_matcher(patterns, engine))
    return Examiner(catalogue, prefilter, environments)


def prefilter_patterns(targets: Sequence[Target]) -> tuple[bytes, ...]:
    """Return the patterns that the prefilter searches for, for benchmarks and the curious."""
    catalogue: Catalogue = build_catalogue(expanded_rules(), targets)
    return catalogue.patterns


def environment_of(target: Target) -> MacroEnvironment:
    """Return what is known of the preprocessor on `target`."""
    known = macro_environment(target)
    return MacroEnvironment(
        defined=known.defined,
        undefined=known.undefined,
        has_include=known.has_include,
        architecture_macros=architecture_macros(),
        machine=target.architecture.name,
        optional=frozenset(name.encode() for name in target.architecture.macros_optional)
        | frozenset(name.encode() for name in elsewhere().flags),
    )


@cache
def reference_environment() -> MacroEnvironment:
    """Return what is known on x86-64, where the projects that are checked do compile."""
    return environment_of(load_target(REFERENCE))


@cache
def architecture_macros() -> frozenset[bytes]:
    """Return the macros that tell architectures apart.

    Those that some of the known architectures predefine and others do not, those of their
    extensions, and those of further machines whose name contains the machine's (`__powerpc64__`).
    """
    known = [architecture(name) for name in ARCHITECTURES]
    possible = [frozenset(one.macros) | one.macros_optional for one in known]
    names = set(frozenset.union(*possible) - frozenset.intersection(*possible))
    machines = place_names().architectures
    names.update(
        macro
        for macro in elsewhere().macros
        if macro.strip("_").lower() in machines
        or not machines.keys().isdisjoint(macro.lower().split("_"))
    )
    return frozenset(name.encode() for name in names)
