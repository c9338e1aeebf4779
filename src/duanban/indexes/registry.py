"""Which kind of index is which module: the one place where kinds are entered."""

from __future__ import annotations

from collections.abc import Mapping

from duanban.indexes.alpine import Alpine
from duanban.indexes.answers import Answers
from duanban.indexes.debian import Debian
from duanban.indexes.images import Images
from duanban.indexes.interface import IndexKind
from duanban.indexes.maven import Maven
from duanban.indexes.npm import Npm
from duanban.indexes.pypi import PyPI
from duanban.indexes.rpm import Rpm

KINDS: Mapping[str, IndexKind] = {
    "alpine": Alpine(),
    "answers": Answers(),
    "debian": Debian(),
    "images": Images(),
    "maven": Maven(),
    "npm": Npm(),
    "pypi": PyPI(),
    "rpm": Rpm(),
}
"""Kind, as `known.toml` and `--kind` name it, to what makes and reads its copies."""
