"""Only units that can differ are followed on the reference too: a guard on work, not on time."""

import pytest

from duanban.scan.place import Elsewhere
from duanban.scan.setup import environment_of, reference_environment
from duanban.scan.units.finder import Platform
from duanban.scan.units.preprocess import Workshop
from duanban.scan.units.sources import SourceTree
from duanban.targets.loader import load_target

LOONG = environment_of(load_target("debian-sid-loong64"))


def workshop(files):
    elsewhere = Elsewhere(files, ["loongarch64"])
    tree = SourceTree(files, lambda path: files[path].encode())
    reference = Workshop(tree, Platform("x86_64", reference_environment(), elsewhere))
    return Workshop(tree, Platform("loongarch64", LOONG, elsewhere), reference)


@pytest.mark.parametrize(
    ("main", "varies"),
    [
        ("#ifdef PROJECT_DEBUG\nint a;\n#endif\n", False),
        ("#if defined(__x86_64__)\nint a;\n#endif\n", True),
        ("#define FAST defined(__x86_64__)\n#if FAST\nint a;\n#endif\n", True),
        ("#if 0\n#ifdef __x86_64__\nint a;\n#endif\n#endif\n", False),
        ("#if __has_include(<cpuid.h>)\nint a;\n#endif\n", True),
        ('#include "own.h"\n', True),
        ('#include "other.h"\n', False),
    ],
)
def test_a_unit_varies_if_it_asks_what_the_architectures_answer_differently(main, varies):
    files = {
        "main.c": main,
        "own.h": "#ifdef __SSE2__\n#define WIDE 1\n#endif\n",
        "other.h": "#ifndef OTHER_H\n#define OTHER_H\n#endif\n",
    }
    assert workshop(files).run("main.c").varies is varies


def test_a_header_that_does_the_same_again_makes_the_next_unit_vary_too():
    files = {
        "a.c": '#include "own.h"\n',
        "b.c": '#include "own.h"\n',
        "own.h": "#ifdef __SSE2__\n#define WIDE 1\n#endif\n",
    }
    shop = workshop(files)
    assert [shop.run(unit).varies for unit in ("a.c", "b.c")] == [True, True]
    assert len(shop.effects) == 1


def test_a_run_is_kept():
    shop = workshop({"main.c": "int a;\n"})
    assert shop.run("main.c") is shop.run("main.c")
