"""The order of rooms that docs/architecture.md gives is the order of all imports."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "duanban"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ROOMS = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE)


def rooms_imported(path: Path) -> set[str]:
    """Return the rooms that the module at `path` imports, also inside of functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
            if node.module == "duanban":
                names = [f"duanban.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found.update(p[1] for p in parts if p[0] == "duanban" and len(p) > 1 and p[1] in ROOMS)
    return found


def test_every_room_is_described():
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert packages == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_import_goes_back(path):
    room = path.relative_to(SOURCE).parts[0]
    later = ROOMS[ROOMS.index(room) + 1 :]
    assert rooms_imported(path) & set(later) == set()


def test_every_file_that_the_page_names_is_there():
    named = set(re.findall(r"`((?:\w+/)+[\w.]*)`", PAGE)) - {"src/duanban/", "tests/report"}
    places = (SOURCE, ROOT)
    assert [name for name in sorted(named) if not any((p / name).exists() for p in places)] == []
