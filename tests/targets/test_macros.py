"""What the preprocessor knows on a target."""

import pytest

from duanban.targets.loader import load_target
from duanban.targets.macros import macro_environment


@pytest.mark.parametrize("prefix", [b"__NR_", b"SYS_"])
def test_system_calls_that_the_machine_has_are_macros_with_their_numbers(prefix):
    loong = macro_environment(load_target("debian-sid-loong64"))
    assert loong.defined[prefix + b"openat"] == b"56"  # asm-generic/unistd.h
    assert prefix + b"open" in loong.undefined
    assert prefix + b"open" not in loong.defined
