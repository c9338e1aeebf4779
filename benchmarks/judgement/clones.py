"""Trees of commits, taken out of clones that are at hand."""

from __future__ import annotations

import os
import subprocess
from io import BytesIO
from pathlib import Path


class CloneError(ValueError):
    """There is no clone of the repository, or it lacks the commit."""


def git(repositories: Path, repository: str, *arguments: str, given: bytes = b"") -> bytes:
    """Return what git says in the clone of OWNER/NAME, told `given`.

    Args:
        repositories: has the clone as OWNER+NAME or OWNER+NAME/repo, bare or not.
        repository: OWNER/NAME.
        arguments: of git.
        given: on standard input.

    Raises:
        CloneError: git refuses.
    """
    clone = repositories / repository.replace("/", "+")
    clone = clone / "repo" if (clone / "repo").is_dir() else clone
    command = ["git", "-C", str(clone), *arguments]
    run = subprocess.run(command, input=given, capture_output=True, check=False)
    if run.returncode:
        raise CloneError(f"{repository}: {run.stderr.decode('utf-8', 'replace').strip()[-200:]}")
    return run.stdout


def bring(repositories: Path, repository: str, commit: str, tree: Path) -> None:
    """Write the tree of a commit, if it is not there; without files that the clone lacks.

    Raises:
        CloneError: there is no such clone or commit.
    """
    if tree.is_dir():
        return
    part = tree.with_name(f"{tree.name}.part")
    names: dict[bytes, list[str]] = {}
    for line in git(repositories, repository, "ls-tree", "-r", "-z", commit).split(b"\0"):
        head, _, path = line.partition(b"\t")
        if head.startswith(b"100"):  # neither links nor submodules
            names.setdefault(head.split()[2], []).append(os.fsdecode(path))
    asked = b"\n".join(names) + b"\n"
    stream = BytesIO(git(repositories, repository, "cat-file", "--batch", given=asked))
    for paths in names.values():
        answer = stream.readline().split()
        if answer[1] == b"missing":
            continue
        data = stream.read(int(answer[2]))
        stream.read(1)
        for name in paths:
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_bytes(data)
    part.rename(tree)
