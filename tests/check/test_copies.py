"""What is found inside a copy of a library is part of the finding about the copy."""

from dataclasses import replace

from duanban.check.config import Config
from duanban.check.copies import with_parts
from duanban.check.evidence import TargetEvidence
from duanban.check.gather import Gatherer
from duanban.model import Severity
from duanban.report.summary import severities
from duanban.targets.loader import load_target

LOONG = load_target("debian-sid-loong64")
ARCH = """#if defined(_M_X64) || defined(__x86_64__)
#define WEBRTC_ARCH_X86_64
#elif defined(__aarch64__)
#define WEBRTC_ARCH_ARM_FAMILY
#elif defined(__MIPSEL__)
#define WEBRTC_ARCH_MIPS_FAMILY
#else
#error Please add support for your architecture
#endif
"""
UNIT = """#include "system/arch.h"
#include <emmintrin.h>
#define PAGE_SIZE 4096
int used(void) { return 0; }
"""


def gathered(tmp_path, copy="third_party/webrtc", arch=""):
    root = tmp_path / "tree"
    for path, text in {
        arch or f"{copy}/rtc_base/system/arch.h": ARCH,
        "src/own.c": "#include <emmintrin.h>\n",
        f"{copy}/rtc_base/unit.c": UNIT,
        "main.c": "#include <emmintrin.h>\nint main(void) { return 0; }\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    evidence = Gatherer([LOONG], 1, cache=False, progress=lambda *_: None).gather(root, Config())
    found = evidence.targets[0]
    return TargetEvidence(tuple(with_parts(found.findings)), found.fails, found.unknown)


def test_what_a_newer_version_ends_is_part_of_the_copy(tmp_path):
    found = gathered(tmp_path)
    copy = next(one for one in found.findings if one.rule == "library.copy.older")
    parts = [one for one in found.findings if one.part_of]
    assert {one.part_of for one in parts} == {copy.id}
    assert {one.path for one in parts} == {
        "third_party/webrtc/rtc_base/system/arch.h",
        "third_party/webrtc/rtc_base/unit.c",
    }
    assert copy.severity is Severity.BLOCKS
    assert copy.occurrences == 1 + sum(one.occurrences for one in parts)
    assert severities(found.findings)[Severity.BLOCKS] == 3  # the copy, main.c and own.c
    fails = {"main.c", "src/own.c", "third_party/webrtc/rtc_base/unit.c"}
    assert {one.path for one in found.fails} == fails


def test_what_does_not_come_from_its_age_stays_by_itself(tmp_path):
    pages = [one for one in gathered(tmp_path).findings if one.rule.startswith("chip.page")]
    assert pages
    assert not any(one.part_of for one in pages)


def test_a_header_among_the_projects_own_is_all_of_its_copy(tmp_path):
    found = gathered(tmp_path, arch="src/arch.h")
    assert {one.path for one in found.findings if one.part_of} == {"src/arch.h"}


def test_the_library_itself_is_worked_on_line_by_line(tmp_path):
    assert not any(one.part_of for one in gathered(tmp_path, copy=".").findings)


def test_parts_of_what_is_set_aside_count_by_themselves(tmp_path):
    found = gathered(tmp_path).findings
    copy = next(one for one in found if one.rule == "library.copy.older")
    rest = with_parts(one for one in found if one is not copy)
    assert not any(one.part_of for one in rest)


def test_a_copy_without_parts_is_what_its_rule_says(tmp_path):
    found = gathered(tmp_path).findings
    copy = next(one for one in found if one.rule == "library.copy.older")
    bare = replace(copy, severity=Severity.DEGRADES, occurrences=1)
    assert with_parts([bare]) == [bare]
