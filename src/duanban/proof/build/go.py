"""Go modules, with what the tree brings (`vendor/`): nothing is fetched."""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "go"
DIRECTORY = "duanban-build"
"""Of the programs that test; what is built of several packages is not kept."""
_TEST = re.compile(r"^\s*--- (PASS|FAIL): (\S+)", re.MULTILINE)


def claims(tree: Path) -> bool:
    """Return whether there is a go.mod."""
    return (tree / "go.mod").is_file()


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; Go's own compiler builds, and cgo uses the compiler on PATH."""
    # Go's programs do not go through the C library, so that the hook does not reach them.
    run = ("-exec", 'sh -c \'exec "$0" "$@"\'')
    return Recipe(
        NAME,
        (),
        (
            ("go", "build", "-p", str(jobs), *options, "./..."),
            ("go", "test", "-c", "-p", str(jobs), "-o", f"{DIRECTORY}/", *options, "./..."),
        ),
        ("go", "test", "-v", "-p", str(jobs), *run, "./..."),
        ("go",),
        {
            "GOARCH": machine.names["go"][0],
            "GOFLAGS": "-mod=mod",
            "GOPROXY": "off",
            "CGO_ENABLED": "1",
        },
    )


def results(output: str) -> Results:
    """Return the lines of `go test -v`."""
    return Results({name: word == "PASS" for word, name in _TEST.findall(output)})
