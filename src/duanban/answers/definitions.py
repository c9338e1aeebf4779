"""Lines of C that define names of the Intel headers where these are missing."""

from __future__ import annotations

import re
from collections.abc import Collection

from duanban.answers.x86_names import Definition


def definition_lines(definition: Definition, names: Collection[str]) -> list[str]:
    """Return the lines that define those of `names` that the entry gives, unless they are there."""
    used = [one for one in definition.define if _name(one) in names]
    lines = [f"#include <{header}>" for header in definition.headers]
    lines.append(f"#ifndef {_name(used[0])}")
    lines += definition.code.strip().splitlines()
    lines += [f"#define {one}" for one in used]
    return [*lines, "#endif"]


def _name(define: str) -> str:
    return re.split(r"[ (]", define)[0]
