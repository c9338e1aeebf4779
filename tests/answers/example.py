"""Examples of fixers: excerpts of real projects, each a TOML file under examples/FIXER/.

    project   where it is from, with its version or commit
    licence   of that project
    note      the file, whether lines were left out, and what of it is ours
    target    id of the target
    compiles  paths that must compile for the target afterwards (they do not before)
    rules     that are named with --rule
    indexes   copies under indexes/ that are asked
    x86_flags what the project compiles with on x86-64
    [[file]]  path, before, after ("" where the file is not changed)

`python tests/answers/example.py FILE...` writes what `fix` makes of them now into `after`.
"""

import sys
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from duanban.answers import How, Proposal, propose
from duanban.answers.fixers.config_guess import ConfigGuess
from duanban.answers.registry import FIXERS
from duanban.check.core import CheckOptions
from duanban.targets.loader import load_target

INDEXES = Path(__file__).parent / "indexes"
"""Excerpts of indexes: a few files of a few versions, recorded with their date."""
EXAMPLES = Path(__file__).parent / "examples"
OPTIONS = CheckOptions(jobs=1, offline=True, cache=False, read_config=False)


@dataclass(frozen=True)
class Example:
    """One file under examples/."""

    path: Path
    fixer: str
    content: dict[str, object]

    @property
    def target(self) -> str:
        return str(self.content.get("target", "debian-sid-riscv64"))

    @property
    def files(self) -> list[dict[str, str]]:
        return self.content["file"]

    def write_tree(self, root: Path) -> None:
        """Write the files as they were."""
        for file in self.files:
            place = root / file["path"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file["before"].encode())

    def propose(self, root: Path) -> Proposal:
        """Return what the example's fixer proposes for the tree that `write_tree` wrote."""
        for fixer in FIXERS:
            if isinstance(fixer, ConfigGuess):  # not this machine's, which change
                fixer.places = (EXAMPLES / "config-guess" / "share",)
        rules = tuple(self.content.get("rules", ()))
        indexes = tuple(str(INDEXES / name) for name in self.content.get("indexes", ()))
        how = How((self.fixer,), options=replace(OPTIONS, indexes=indexes))
        return propose(root, load_target(self.target), rules, how)

    def wanted(self, proposal: Proposal) -> dict[str, str]:
        """Return the files that are changed, as they are then."""
        return {path: data.decode() for path, data in proposal.files.items()}


def examples() -> list[Example]:
    """Return all examples."""
    return [read(path) for path in sorted(EXAMPLES.glob("*/*.toml"))]


def read(path: Path) -> Example:
    """Return the example of one file."""
    return Example(path, path.parent.name, tomllib.loads(path.read_text("utf-8")))


def update(path: Path) -> None:
    """Write what `fix` makes of an example into its `after`."""
    example = read(path)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        example.write_tree(root)
        made = example.wanted(example.propose(root))
    kept = {key: value for key, value in example.content.items() if key != "file"}
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in kept.items()]
    for file in example.files:
        lines += ["", "[[file]]", f'path = "{file["path"]}"']
        lines += [f"before = '''\n{file['before']}'''"]
        lines += [f"after = '''\n{made.pop(file['path'], '')}'''"]
    for new, content in made.items():
        lines += ["", "[[file]]", f'path = "{new}"', "before = ''", f"after = '''\n{content}'''"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        update(Path(argument).resolve())
