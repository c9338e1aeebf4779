"""What assemblers and inline assembly of each architecture know."""

import pytest

from duanban.targets import assembler


@pytest.mark.parametrize(
    ("constraint", "machines"),
    [
        ('=r"(x', "aarch64 riscv64 loongarch64"),
        ('=a"(x', ""),
        ('rm"(x', "aarch64 riscv64 loongarch64"),
        ('J"(0)', "aarch64 riscv64 loongarch64"),
        ('J"(63)', ""),
        ('I"(31)', "aarch64 riscv64 loongarch64"),
        ('I"(-1)', "riscv64 loongarch64"),
        ('I"(LIMIT)', "aarch64 riscv64 loongarch64"),
        ('Ir"(x)', "aarch64 riscv64 loongarch64"),
        ('Nd"(port)', ""),
        ('S"(pointer)', ""),
        ('S"(&symbol)', "aarch64 riscv64"),
        ('=@cceq"(x', "aarch64"),
        ('+ZB"(x', "loongarch64"),
        ('vr"(x', "riscv64"),
        ('0"(x', "aarch64 riscv64 loongarch64"),
    ],
)
def test_constraints_that_a_machine_can_meet(constraint, machines):
    others = ("aarch64", "riscv64", "loongarch64")
    met = [name for name in others if constraint in assembler.constraints(name)]
    assert met == machines.split()


def test_instructions_are_foreign_that_only_the_owner_has():
    here = assembler.instructions("x86_64", "loongarch64")
    assert "xaddl" not in here
    assert "CPUID" not in here
    assert "nop" in here
    assert "no_such_word" in here
    assert "cmp" not in assembler.instructions("x86_64", "riscv64")
    assert "b.eq" in assembler.instructions("x86_64", "aarch64")


def test_registers_and_modifiers():
    assert "xmm0" not in assembler.registers("riscv64")
    assert "r8" not in assembler.registers("riscv64")
    assert "r8" in assembler.registers("aarch64")
    assert "memory" in assembler.registers("loongarch64")
    assert "no_such_register" in assembler.registers("loongarch64")
    assert "b" not in assembler.modifiers("riscv64")
    assert "z" in assembler.modifiers("riscv64")
