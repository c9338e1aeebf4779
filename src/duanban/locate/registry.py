"""The kinds of locators there are. A new kind is one file and one line here.

The order matters only for a text that several kinds would claim: the first one gets it, so the
kinds with a scheme stand before the paths.
"""

from __future__ import annotations

from collections.abc import Callable

from duanban.locate.interface import Locator
from duanban.locate.local import LocalPath
from duanban.locate.setting import Setting

KINDS: tuple[Callable[[Setting], Locator], ...] = (LocalPath,)
SCHEMES = ("pypi:", "npm:", "deb:", "deb+bin:", "git+")
"""What a locator that is no path begins with, for hints."""
