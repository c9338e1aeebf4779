"""Examples of fixers: excerpts of real projects, each a TOML file under examples/FIXER/.

    project   where it is from, with its version or commit
    licence   of that project
    note      what is to be seen, and what of it is ours
    target    id of the target
    compiles  paths that must compile for the target afterwards (they do not before)
    rules     that are named with --rule
    indexes   copies under indexes/ that are asked
    x86_flags what the project compiles with on x86-64
    [[file]]  path, before, after ("" where the file is not changed), and of a quotation:
              lines   those of the project's file that stand in `before`, whole: "12-40, 77-79"
              sha256  of the project's file
              source  its path in the project, where it is not `path`

A file without `lines` is ours. `scripts/quote_examples.py` writes `before` of quotations and holds
them against the projects' files; `python tests/answers/example.py FILE...` writes what `fix` makes
of them now into `after`.
"""

import json
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
    def is_quoted(self) -> bool:
        """Whether it has whole lines of the project's files, and nothing else is changed."""
        changed = (file for file in self.files if file["after"] and file["before"])
        has_lines = any("lines" in file for file in self.files)
        return has_lines and all("lines" in file for file in changed)

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


def quoted(data: bytes, lines: str) -> str:
    """Return lines of a file, as `12-40, 77-79` names them, with line ends of Unix."""
    whole = data.replace(b"\r\n", b"\n").splitlines(keepends=True)
    spans = [span.strip().split("-") for span in lines.split(",")]
    return b"".join(b"".join(whole[int(one[0]) - 1 : int(one[-1])]) for one in spans).decode()


def update(path: Path) -> None:
    """Write what `fix` makes of an example into its `after`."""
    example = read(path)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        example.write_tree(root)
        made = example.wanted(example.propose(root))
    for file in example.files:
        file["after"] = made.pop(file["path"], "")
    example.files.extend({"path": new, "before": "", "after": made[new]} for new in made)
    write(example)


def write(example: Example) -> None:
    """Write an example as TOML."""
    lines = _values(example.content, without=("file",))
    for file in example.files:
        lines += ["", "[[file]]", *_values(file, without=("before", "after"))]
        lines += [f"{key} = '''\n{file.get(key, '')}'''" for key in ("before", "after")]
    example.path.write_text("\n".join(lines) + "\n", "utf-8")


def _values(table: dict[str, object], without: tuple[str, ...]) -> list[str]:
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
        if key not in without
    ]


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        update(Path(argument).resolve())
