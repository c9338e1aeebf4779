"""Copies of the tree to prove."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from duanban.locate.digest import VERSION_CONTROL


def copy_tree(root: Path, to: Path) -> None:
    """Copy the regular files, directories and links of `root`; links stay as they are.

    What was there under `to` is removed. A link that leads out of the tree leads nowhere in the
    sandbox, as it should.
    """
    shutil.rmtree(to, ignore_errors=True)
    if not root.is_dir():
        to.mkdir(parents=True)
        shutil.copy2(root, to / root.name)
        return
    for base, names, files in os.walk(root):
        names[:] = sorted(set(names) - VERSION_CONTROL)
        here = to / Path(base).relative_to(root)
        here.mkdir(parents=True, exist_ok=True)
        for name in (*names, *files):
            path = Path(base, name)
            if path.is_symlink():
                (here / name).symlink_to(path.readlink())
                names[:] = [one for one in names if one != name]
            elif name in files and stat.S_ISREG(path.lstat().st_mode):
                shutil.copy2(path, here / name)
                (here / name).chmod(path.stat().st_mode | stat.S_IRUSR | stat.S_IWUSR)
