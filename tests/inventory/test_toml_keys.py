import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.inventory.toml_keys import MOST_PARTS, has_long_key

LONG = "a" + ".a" * (MOST_PARTS + 1)
PINS = ", ".join(f'"p{n}==1.2.3"' for n in range(100))
FLOATS = ", ".join(f"{n}.5" for n in range(100))


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG} = 1",
        f"[{LONG}]",
        f"[[ {LONG} ]]",
        'x = { "," . ' + LONG + " = 1 }",
        " . ".join(['"a.b"'] * (MOST_PARTS + 2)) + " = 1",
        ".".join(['"\\""'] * (MOST_PARTS + 2)) + " = 1",
        f'x = """\n""" \n{LONG} = "x"',
        f'x = """a""""\n{LONG} = "x"',
        f"x = '''a''''' # '\n{LONG} = 'x'",
        f'x = {{ y = """\n " """, {LONG} = "z" }}',
        f"# '\n{LONG} = 1 # '",
    ],
)
def test_a_long_key_is_seen_however_it_is_dressed(text):
    tomllib.loads(text)
    assert has_long_key(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * MOST_PARTS + " = 1",
        f"dependencies = [{PINS}]",
        f"x = [{FLOATS}]",
        f'x = "{LONG}"',
        f"x = '''\n{LONG}\n'''",
        f'x = """{LONG}\\"""{LONG}"""',
        f"x = 1 # {LONG}",
    ],
)
def test_what_only_looks_like_one_is_let_be(text):
    tomllib.loads(text)
    assert not has_long_key(text.encode())


@given(st.text(alphabet="a.\"'#\\\n =-", max_size=300))
def test_no_document_that_tomllib_takes_has_a_long_key_unseen(text):
    # Many dots on every line, so that the short cut is not taken.
    text = "\n".join(line + " # " + "." * 20 for line in text.split("\n"))
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    depth = 0
    while isinstance(value, dict) and value:
        value = max(value.values(), key=_depth)
        depth += 1
    if depth > MOST_PARTS + 1:
        assert has_long_key(text.encode())


def _depth(value):
    return 1 + max(map(_depth, value.values()), default=0) if isinstance(value, dict) else 0


@pytest.mark.parametrize(
    "piece", ['"""\\', '"\\', "'''", '"', "a.", "a" * 50, ". ", "a" + " " * 30, ".a" * 16 + "\n"]
)
def test_the_time_is_linear(piece):
    data = b"." * 20 + b"\n" + piece.encode() * (500_000 // len(piece))
    started = time.process_time()
    has_long_key(data)
    assert time.process_time() - started < 2
