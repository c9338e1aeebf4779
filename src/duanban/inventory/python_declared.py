"""Reads what a Python project asks for: requirements files and pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.knowledge import conventions
from duanban.inventory.parse import as_list, as_table, as_text, as_texts, load_toml
from duanban.inventory.purls import pypi_purl
from duanban.inventory.python_needs import marker_holds
from duanban.inventory.python_ties import NoFileNames
from duanban.model import Component, ComponentState, DependencyKind
from duanban.targets.interface import Target

LOCKS = frozenset({"uv.lock", "poetry.lock", "pylock.toml", "Pipfile.lock"})
"""Beside one of these, a declaration says nothing more about files."""

_REQUIREMENTS = re.compile(
    r"(?:^|[-_./])(?:requirements?|constraints)(?:[-_.][^/]*)?\.(?:txt|in)\Z"
)
_DIRECTORY = re.compile(r"(?:^|/)requirements/[^/]+\.(?:txt|in)\Z")
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*"
    r"(?P<version>\(?[^;@#]*)(?P<url>@\s*\S+)?\s*(?:;(?P<marker>.*))?"
)
_PINNED = re.compile(r"\(?\s*===?\s*(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*)\s*\)?\s*\Z")
_CONTINUED = re.compile(r"\\\r?\n")
_OPTION = re.compile(r"\s+--?[a-z][\s\S]*\Z")


def _declared(
    texts: Iterable[str],
    path: str,
    *,
    judged: bool,
    kind: DependencyKind = DependencyKind.REQUIRED,
) -> Inventory:
    """Return the parts that requirements ask for; `judged`: whether they make a tie."""
    components, asked = [], []
    edges = Edges(path)
    for text in texts:
        match = _REQUIREMENT.match(text)
        if match is None or not text.isprintable():
            continue
        pinned = _PINNED.match(match["version"])
        purl = pypi_purl(match["name"], pinned["version"] if pinned else "")
        components.append(Component(purl, ComponentState.DECLARED, path=path))
        edges.add(SYSTEM, purl, kind)
        marker = (match["marker"] or "").strip()
        asked.append((match["name"], purl, lambda target, m=marker: _holds(m, target)))
    ties: list[Tie] = [NoFileNames(path, tuple(asked))] if asked and judged else []
    return Inventory(tuple(components), tuple(ties), dependencies=edges.all())


def _holds(marker: str, target: Target) -> bool:
    return marker_holds(marker, target)


class RequirementsReader:
    """Reads requirements and constraints files."""

    def recognises(self, path: str) -> bool:
        """Return whether the name is one that projects give such files."""
        return bool(_REQUIREMENTS.search(path) or _DIRECTORY.search(path))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the parts that are asked for; options and included files are left out."""
        text = _CONTINUED.sub(" ", manifest.read().decode("utf-8", "replace"))
        lines = (line.partition(" #")[0] for line in text.splitlines())
        wanted = [
            _OPTION.sub("", line)
            for line in lines
            if line.strip() and not line.lstrip().startswith(("#", "-", ".", "/"))
        ]
        words = set(re.split(r"[-_./]", manifest.path.lower()))
        # Hidden directories (.github, .circleci) hold tools of the repository.
        hidden = "/." in f"/{manifest.path}"
        development = hidden or not words.isdisjoint(conventions().development_groups)
        kind = DependencyKind.DEVELOPMENT if development else DependencyKind.REQUIRED
        judged = LOCKS.isdisjoint(siblings) and not development
        return _declared(wanted, manifest.path, judged=judged, kind=kind)


class PyprojectReader:
    """Reads the dependencies in `pyproject.toml` (PEP 621, PEP 735, build requirements, poetry)."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the parts that the project asks for."""
        document = load_toml(manifest.read())
        project = as_table(document.get("project"))
        used = list(as_texts(project.get("dependencies")))
        work = list(as_texts(as_table(document.get("build-system")).get("requires")))
        for name, extra in as_table(project.get("optional-dependencies")).items():
            group = work if name in conventions().development_groups else used
            group.extend(as_texts(extra))
        for texts in as_table(document.get("dependency-groups")).values():
            work.extend(as_text(item) for item in as_list(texts) if as_text(item))
        poetry = as_table(as_table(document.get("tool")).get("poetry"))
        used.extend(_poetry_names(poetry))
        for table in as_table(poetry.get("group")).values():
            work.extend(_poetry_names(as_table(table)))
        own = as_text(project.get("name"))
        used = [text for text in used if not own or not _names_itself(text, own)]
        parts = _declared(used, manifest.path, judged=LOCKS.isdisjoint(siblings))
        tools = _declared(work, manifest.path, judged=False, kind=DependencyKind.DEVELOPMENT)
        return Inventory(
            (*parts.components, *tools.components),
            parts.ties,
            dependencies=(*parts.dependencies, *tools.dependencies),
        )


def _names_itself(text: str, own: str) -> bool:
    match = _REQUIREMENT.match(text)
    return match is not None and match["name"].lower() == own.lower()


def _poetry_names(table: Mapping[str, Any]) -> list[str]:
    """Return what a table of poetry's asks for, as requirements without versions."""
    return [name for name in as_table(table.get("dependencies")) if name.lower() != "python"]
