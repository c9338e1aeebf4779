"""All fixers, in the order in which they are asked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from duanban.answers.fixers.arch_chain import ArchChain
from duanban.answers.fixers.arch_stub import ArchStub
from duanban.answers.fixers.build_tags import BuildTags
from duanban.answers.fixers.cache_line import CacheLine
from duanban.answers.fixers.char_sign import CharSign
from duanban.answers.fixers.compile_flags import CompileFlags
from duanban.answers.fixers.config_guess import ConfigGuess
from duanban.answers.fixers.dependency_bump import DependencyBump
from duanban.answers.fixers.inline_asm import InlineAsm
from duanban.answers.fixers.libatomic import Libatomic
from duanban.answers.fixers.machine_constant import MachineConstant
from duanban.answers.fixers.machine_list import MachineList
from duanban.answers.fixers.machine_table import MachineTable
from duanban.answers.fixers.npm_parts import NpmParts
from duanban.answers.fixers.page_size import PageSize
from duanban.answers.fixers.ptrace_regset import PtraceRegset
from duanban.answers.fixers.signed_char import SignedChar
from duanban.answers.fixers.simde import Simde
from duanban.answers.fixers.syscalls import Syscalls
from duanban.answers.fixers.x86_attributes import X86Attributes
from duanban.answers.fixers.x86_headers import X86Headers
from duanban.answers.fixers.x87_control import X87Control
from duanban.answers.interface import Fixer
from duanban.model.errors import UsageError

FIXERS: tuple[Fixer, ...] = (
    Simde(),
    X86Headers(),
    InlineAsm(),
    X86Attributes(),
    X87Control(),
    ArchChain(),
    Syscalls(),
    PageSize(),
    CacheLine(),
    MachineConstant(),
    PtraceRegset(),
    CharSign(),
    SignedChar(),
    Libatomic(),
    CompileFlags(),
    MachineList(),
    MachineTable(),
    BuildTags(),
    NpmParts(),
    ConfigGuess(),
    DependencyBump(),
    ArchStub(),
)
BY_NAME = ("arch-stub",)
"""Those that are asked only if they are named."""


def chosen_fixers(names: Sequence[str]) -> tuple[Fixer, ...]:
    """Return the fixers called `names`, in the order of asking; for no names all but `BY_NAME`.

    Raises:
        UsageError: no fixer has one of the names.
    """
    known = {fixer.name: fixer for fixer in FIXERS}
    usual = [name for name in known if name not in BY_NAME]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`duanban fix --list` shows them"
            raise UsageError(f"no fixer is called {name!r}; {hint}")
    return tuple(fixer for name, fixer in known.items() if name in (names or usual))
