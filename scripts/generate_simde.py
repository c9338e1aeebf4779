#!/usr/bin/env python3
"""Write src/duanban/answers/simde.json: which header of SIMDe gives which Intel name.

    pip install simde-py
    scripts/generate_simde.py DIRECTORY     where `simde/x86/sse2.h` is found under

Only the names are taken, those that `SIMDE_ENABLE_NATIVE_ALIASES` defines.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src" / "duanban" / "answers" / "simde.json"
ALIAS = re.compile(r"^\s*#\s*define\s+((?:_mm|_MM_|_CMP_|_SIDD_|_m_|__m|_k|_cvt|_load_)\w+)", re.M)
TYPE = re.compile(r"^\s*typedef\s+simde\w+\s+(__m\w+)\s*;", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([\w./]+)"', re.M)
VERSION = re.compile(r"#define\s+SIMDE_VERSION_(MAJOR|MINOR|MICRO)\s+(\d+)")


def names(path: Path) -> set[str]:
    """Return the Intel names that a header defines."""
    text = path.read_text("utf-8")
    return {name for pattern in (ALIAS, TYPE) for name in pattern.findall(text)}


def main() -> None:
    """Write the file."""
    x86 = Path(sys.argv[1]) / "simde" / "x86"
    common = (x86.parent / "simde-common.h").read_text("utf-8")
    version = ".".join(number for _, number in VERSION.findall(common))
    headers: dict[str, dict[str, object]] = {}
    for path in sorted(x86.glob("*.h")):
        found = names(path)
        if path.name == "avx512.h":
            for part in (x86 / "avx512").glob("*.h"):
                found |= names(part)
        includes = {Path(name).name for name in INCLUDE.findall(path.read_text("utf-8"))}
        direct = sorted(name for name in includes if (x86 / name).exists() and name != path.name)
        headers[path.name] = {"includes": direct, "names": " ".join(sorted(found))}
    headers["avx512.h"]["includes"] = ["avx2.h"]
    text = json.dumps({"version": version, "headers": headers}, indent=0, sort_keys=True)
    OUT.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
