"""The kinds of locators there are. A new kind is one file and one line here.

The order matters only for a text that several kinds would claim: the first one gets it, so the
kinds with a scheme stand before the paths (write `./pypi:x` for a file of that name).
"""

from __future__ import annotations

from collections.abc import Callable

from duanban.locate.deb import Deb
from duanban.locate.git import Git
from duanban.locate.interface import Locator
from duanban.locate.local import LocalPath
from duanban.locate.npm import Npm
from duanban.locate.pypi import PyPI
from duanban.locate.setting import Setting

KINDS: tuple[Callable[[Setting], Locator], ...] = (PyPI, Npm, Deb, Git, LocalPath)
SCHEMES = ("pypi:", "npm:", "deb:", "deb+bin:", "git+")
"""What a locator that is no path begins with, for hints."""
