"""What a build says is missing, and who has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.proof import lookup
from duanban.proof.lookup import missing, packages_with
from duanban.targets.architectures import architecture

CONTENTS = """\
usr/include/zlib.h                              libdevel/zlib1g-dev
usr/include/pcap.h                              libdevel/libpcap0.8-dev,libdevel/xpcap-special-dev
usr/include/x86_64-linux-gnu/curl/curl.h        libdevel/libcurl4-openssl-dev
usr/lib/x86_64-linux-gnu/pkgconfig/zlib.pc      libdevel/zlib1g-dev
usr/share/doc/zlib.h                            doc/other-dev
usr/include/only.h                              science/program
"""


@pytest.mark.parametrize(
    ("said", "headers", "modules"),
    [
        ("a.c:1:10: fatal error: zlib.h: No such file or directory", {"zlib.h"}, set()),
        ("a.c:1:10: fatal error: 'curl/curl.h' file not found", {"curl/curl.h"}, set()),
        ("No package 'glib-2.0' found", set(), {"glib-2.0"}),
        ("Package 'libpng', required by 'virtual:world', not found", set(), {"libpng"}),
        ('meson.build:3:0: ERROR: Dependency "zlib" not found, tried pkgconfig', set(), {"zlib"}),
        ("Could NOT find ZLIB (missing: ZLIB_LIBRARY)", set(), {"ZLIB", "zlib"}),
        (
            "checking for a.h... no\nchecking for pcap.h... no\nconfigure: error: needs libpcap",
            {"pcap.h"},
            set(),
        ),
        ("checking for a.h... no\nall is well", set(), set()),
    ],
)
def test_what_is_missing(said, headers, modules):
    assert missing(said) == (headers, modules)


@given(st.text(max_size=500))
def test_any_log_is_read(said):
    missing(said)


def test_who_has_it(monkeypatch):
    monkeypatch.setattr(lookup, "lines_of_contents", lambda *_: CONTENTS.splitlines())
    here = architecture("x86_64")

    def found(headers, modules=()):
        return packages_with(headers, modules, here, lambda *_: None)

    assert found(["zlib.h", "curl/curl.h"]) == ("libcurl4-openssl-dev", "zlib1g-dev")
    assert found(["pcap.h"]) == ("libpcap0.8-dev",)
    assert found([], ["zlib", "ZLIB"]) == ("zlib1g-dev",)
    assert found(["only.h", "none.h"]) == ()
