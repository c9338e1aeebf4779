"""Shapes of code that a match must be part of."""

import pytest

from duanban.rules.schema import SHAPES as NAMED
from duanban.scan.shapes import SHAPES, holds


def has(shape, text, others=()):
    """Return whether the first candidate in `text` has the shape.

    `others` are words whose lines are compiled for other machines only.
    """
    code = text.encode()
    at = min(code.find(word) for word in (b"if (", b"while (", b"static void (*") if word in code)

    def for_others(offset):
        line = code[code.rfind(b"\n", 0, offset) + 1 : code.find(b"\n", offset)]
        return any(word.encode() in line for word in others)

    return holds(shape, code, at, for_others)


def test_rules_can_name_the_shapes_that_there_are():
    assert set(NAMED) == {"", *SHAPES}


# The shape of orc 0.4.41, orc/orc.c:44.
ONCE = """void prepare (void)
{
  static int ready = 0;
  if (!ready) {
    take_lock ();
    if (!ready) {
      fill_tables ();
      ready = 1;
    }
    leave_lock ();
  }
}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", True),
        ("static int ready", "int ready", False),
        ("static int ready", "static atomic_int ready", False),
        ("take_lock ();", "count ();", False),
        ("take_lock ();", "count_block ();", False),
        ("if (!ready) {\n    take", "if (ready == other) {\n    take", False),
        ("      ready = 1", "      smp_wmb (); ready = 1", False),
        ("    if (!ready) {\n", "    } if (!ready) {\n", False),
        ("      ready = 1;\n", "", False),
    ],
)
def test_double_checked_locking(old, new, expected):
    assert has("double-checked", ONCE.replace(old, new, 1) if old else ONCE) is expected


# The shape of libfabric, prov/psm2/src/psmx2_wait.c:124.
WAIT = """static volatile int begun = 0;
static void start (void)
{
  run (worker);
  while (!begun)
    ;
}
static void *worker (void *unused)
{
  begun = 1;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", True),
        ("volatile int", "volatile sig_atomic_t", False),
        ("volatile int", "int", False),
        ("begun = 1", "other = 1", True),  # set to 0 where it is declared
        ("begun = 1", "atomic_thread_fence (x); begun = 1", False),
        ("    ;\n", "    ;\n  read_barrier ();\n", False),
        ("  while (", "  do {\n    step ();\n  }\n  while (", False),
        ("  while (", "  {\n    step ();\n  }\n  while (", True),
    ],
)
def test_waiting_for_a_volatile_variable(old, new, expected):
    assert has("waited-for", WAIT.replace(old, new, 1) if old else WAIT) is expected


POINTER = """static void (*blend)(char *);
void init (void) { X
  Y
}
void draw (char *p) { blend (p); }
"""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("blend = blend_sse2; /*x86*/", "blend = blend_neon; /*arm*/", True),
        ("blend = blend_sse2; /*x86*/", "blend = blend_c;", False),
        ("", "", False),
    ],
)
def test_function_pointers_that_only_others_set(first, second, expected):
    text = POINTER.replace("X", f"\n  {first}").replace("Y", second)
    assert has("only-others-fill", text, ("/*x86*/", "/*arm*/")) is expected


def test_a_pointer_that_is_not_called_does_not_matter():
    text = POINTER.replace("X", "\n  blend = blend_sse2; /*x86*/").replace("blend (p)", "f (p)")
    assert not has("only-others-fill", text, ("/*x86*/",))
