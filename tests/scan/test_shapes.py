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


# As in orc 0.4.41, orc/orc.c, shortened.
ORC = """void orc_init (void)
{
  static int inited = FALSE;
  if (!inited) {
    orc_global_mutex_lock ();
    if (!inited) {
      orc_opcode_init ();
      inited = TRUE;
    }
    orc_global_mutex_unlock ();
  }
}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", True),
        ("static int inited", "int inited", False),
        ("static int inited", "static atomic_int inited", False),
        ("orc_global_mutex_lock ();", "count ();", False),
        ("      inited = TRUE", "      smp_wmb (); inited = TRUE", False),
        ("    if (!inited) {\n", "    } if (!inited) {\n", False),
        ("      inited = TRUE;\n", "", False),
    ],
)
def test_double_checked_locking(old, new, expected):
    assert has("double-checked", ORC.replace(old, new, 1) if old else ORC) is expected


# As in libfabric 2.1.0, prov/psm2/src/psmx2_wait.c, shortened.
WAIT = """static volatile int thread_ready = 0;
static void start (void)
{
  pthread_create (&thread, 0, progress, 0);
  while (!thread_ready)
    ;
}
static void *progress (void *args)
{
  thread_ready = 1;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", True),
        ("volatile int", "volatile sig_atomic_t", False),
        ("volatile int", "int", False),
        ("thread_ready = 1", "other = 1", True),  # set to 0 where it is declared
        ("thread_ready = 1", "atomic_thread_fence (x); thread_ready = 1", False),
        ("    ;\n", "    ;\n  read_barrier ();\n", False),
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
