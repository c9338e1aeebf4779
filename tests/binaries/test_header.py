import json
import struct
from pathlib import Path

import pytest
from binary_sample import elf, fat, macho, pe
from hypothesis import given
from hypothesis import strategies as st

import duanban.targets
from duanban.binaries import BinaryHeader, identify, machine_table

FACTS = Path(duanban.targets.__file__).parent / "facts"


@pytest.mark.parametrize(
    ("head", "machine", "kind"),
    [
        (elf(62), "x86_64", "shared"),
        (elf(62, bits=32), "x32", "shared"),
        (elf(183), "aarch64", "shared"),
        (elf(243, kind=1), "riscv64", "object"),
        (elf(258, kind=2), "loongarch64", "executable"),
        (elf(258, bits=32), "loongarch32", "shared"),
        (elf(21, little=False), "powerpc64", "shared"),
        (elf(21, kind=4), "powerpc64le", "core"),
        (elf(8, bits=32, little=False), "mips", "shared"),
        (elf(8), "mips64el", "shared"),
        (elf(22, little=False), "s390x", "shared"),
        (elf(0xFEED), "elf-65261", "shared"),
        (pe(0x8664), "x86_64", "executable"),
        (pe(0x6264, dll=True), "loongarch64", "shared"),
        (pe(0xAA64, managed=True), "aarch64", "managed"),
        (macho(0x01000007), "x86_64", "executable"),
        (macho(0x0100000C, 6), "aarch64", "shared"),
    ],
)
def test_machines(head, machine, kind):
    header = identify(head)
    assert header is not None
    assert (header.machine, header.kind) == (machine, kind)


def test_fat_file_and_java_class():
    header = identify(fat(0x01000007, 0x0100000C))
    assert header is not None
    assert header.machines == ("x86_64", "aarch64")
    for version in (45, 52, 65):
        assert identify(b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, version) + bytes(40)) is None


@pytest.mark.parametrize("head", [b"", b"MZ", b"\x7fELF", b"MZ" + bytes(62), b"#!/bin/sh\n"])
def test_not_an_executable(head):
    assert identify(head) is None


@pytest.mark.parametrize("name", ["x86_64", "aarch64", "riscv64", "loongarch64"])
def test_table_agrees_with_the_architecture_facts(name):
    facts = json.loads((FACTS / f"{name}.json").read_text())
    table = machine_table()
    assert table.elf_name(facts["elf_machine"], facts["bits"], facts["little_endian"]) == name
    assert name in table.hosts


SAMPLES = [elf(62), elf(40, bits=32), pe(0x8664, managed=True), macho(7), fat(7, 12)]


@given(st.sampled_from(SAMPLES), st.data())
def test_damage_never_raises(sample, data):
    changed = bytearray(sample)
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(changed)))
    assert isinstance(identify(bytes(changed[:end])), BinaryHeader | None)


@given(st.sampled_from([b"\x7fELF\x02\x01", b"MZ", b"\xca\xfe\xba\xbe", b""]), st.binary())
def test_any_bytes_never_raise(magic, rest):
    assert isinstance(identify(magic + rest), BinaryHeader | None)
