"""Which kind of index is which module: the one place where kinds are entered."""

from __future__ import annotations

from collections.abc import Mapping

from duanban.indexes.answers import Answers
from duanban.indexes.debian import Debian
from duanban.indexes.interface import IndexKind
from duanban.indexes.npm import Npm
from duanban.indexes.pypi import PyPI

KINDS: Mapping[str, IndexKind] = {
    "answers": Answers(),
    "debian": Debian(),
    "npm": Npm(),
    "pypi": PyPI(),
}
"""Kind, as `known.toml` and `--kind` name it, to what makes and reads its copies."""
