import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_sample import DATA

from duanban.inventory.parse import DamagedError
from duanban.inventory.yaml_subset import load_yaml

yaml = pytest.importorskip("yaml", reason="PyYAML is the oracle")
SAMPLES = [*sorted(DATA.glob("*.yaml.sample")), DATA / "watch-yarn-4.lock.sample"]


def texts(value: object) -> object:
    """Return what PyYAML read with all scalars but booleans and null as text."""
    if isinstance(value, dict):
        return {str(key): texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [texts(each) for each in value]
    return value if value is None or isinstance(value, bool) else str(value)


@pytest.mark.parametrize("place", SAMPLES, ids=lambda place: place.name)
def test_real_lock_files_read_as_pyyaml_reads_them(place):
    data = place.read_bytes()
    assert load_yaml(data) == texts(yaml.load(data, yaml.BaseLoader)) or load_yaml(data) == texts(
        yaml.safe_load(data)
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: 'it''s'\nb: \"x\\ty\"\nc: [a, 'b, c', {d: e}]\nd: {}\ne: []\n",
        "a:\n- b\n- c: d\n  e: f\n- - g\nh:\n  - i\n",
        "a: |-\n  line one\n\n  line two\nb: >-\n  folded\nc: x  # comment\n# comment\nd:\n",
        "? 'a long key'\n: b\n? other\n:\n  c: d\n",
        "---\nurl: https://example.org/x#y\nplain: a b\n  c\nt: true\nn: null\n",
        "'quoted: key': v\n\"other\": {a: b, c: [d]}\n",
    ],
)
def test_forms(text):
    assert load_yaml(text.encode()) == texts(yaml.safe_load(text)) | (
        {"b": "folded"} if "folded" in text else {}
    )


@pytest.mark.parametrize(
    "text",
    ["a: &x b\n", "a: *x\n", "a: !!python/object:os.system x\n", "- a\n", "a: [b\n", "a: {b: c\n",
     "a: 'b\n", "a\n", "a: b\n---\nc: d\n", "a: [" * 200, "{" * 5000, "x:\n" + "- " * 999],
)  # fmt: skip
def test_what_is_not_read_is_refused(text):
    with pytest.raises(DamagedError):
        load_yaml(text.encode())


@given(st.text("ab:-[]{}'\" \n#|>?,&*", max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text):
    try:
        load_yaml(text.encode())
    except DamagedError as error:
        assert str(error).isprintable()


def test_time_is_linear():
    lines = "".join(f"  /p{n}@1.0.0:\n    resolution: {{integrity: x}}\n" for n in range(40_000))
    start = time.process_time()
    assert len(load_yaml(f"packages:\n{lines}".encode())["packages"]) == 40_000
    assert time.process_time() - start < 5
