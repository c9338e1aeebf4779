"""Inline assembly of x86 → what the compiler says in its own words.

The assembly stays for x86, under the condition that the file's compilers define there; everything
else gets builtins, `__sync`/`__atomic` operations or library calls. The table is
`asm_idioms.toml`. A statement that the table does not know is left, and named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from duanban.answers.asm_statement import (
    Assembly,
    UnreadableError,
    is_portable,
    read_assembly,
)
from duanban.answers.guarded import (
    Block,
    Replacement,
    blocks,
    include_edit,
    is_live,
    twice,
    x86_condition,
)
from duanban.answers.idioms import Portable, portable_form
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.replacement import replacement
from duanban.answers.work import Text, Work

BESIDE = ("chip.intrinsics.x86*",)


class InlineAsm:
    """See the module."""

    name = "inline-asm"
    title = "inline assembly of x86 becomes builtins elsewhere"
    rules = (
        "chip.asm.x86-inline",
        "chip.asm.operand",
        "chip.asm.clobber",
        "chip.asm.modifier",
        "chip.asm.x86-pause",
    )

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and every statement that the table does not know."""
        found = {text.path: (text, ids) for text, ids in work.files(self.rules, unsure=True)}
        for text, _ in work.files(BESIDE):
            # Where vectors are, there may be statements that no rule is about.
            found.setdefault(text.path, (text, ()))
        for text, ids in found.values():
            if text.language == "c":
                yield from self._file(text, ids)

    def _file(self, text: Text, ids: tuple[str, ...]) -> Iterator[Outcome]:
        found: list[tuple[Replacement, Portable]] = []
        refused: list[int] = []
        for statement in text.c.asm_statements:
            if not is_live(text, statement.line):
                continue
            try:
                assembly = read_assembly(text.c, text.data, statement)
                if is_portable(assembly):
                    continue
                portable = portable_form(assembly)
                reason = f"no portable form is known of `{_shown(assembly)}`"
            except UnreadableError as error:
                portable, reason = None, str(error)
            if portable is None:
                refused.append(statement.line)
                if not ids:
                    continue
                yield Refusal(self.name, text.path, statement.line, reason, ids)
            else:
                found.append((replacement(text, statement, portable), portable))
        yield from self._change(text, found, refused, ids)

    def _change(
        self,
        text: Text,
        found: Sequence[tuple[Replacement, Portable]],
        refused: Sequence[int],
        ids: tuple[str, ...],
    ) -> Iterator[Outcome]:
        made = blocks(text, [replacement for replacement, _ in found])
        # A line is written twice as a whole: what stays in it unanswered would stay in both.
        whole = [b for b in made if not any(b.first <= line <= b.last for line in refused)]
        used = [p for r, p in found if any(_holds(block, r) for block in whole)]
        if not used:
            return
        condition = x86_condition(text)
        edits: list[Edit] = [twice(text, block, condition) for block in whole]
        for header in dict.fromkeys(p.header for p in used if p.header):
            edit = include_edit(text, header)
            if edit is not None:
                edits.append(edit if _is_hosted(text) else _elsewhere(edit, condition))
        names = ", ".join(dict.fromkeys(portable.name for portable in used))
        assumes = tuple(dict.fromkeys(portable.assumes for portable in used if portable.assumes))
        yield Change(
            self.name, text.path, tuple(edits), f"says without assembly: {names}", assumes, ids
        )


def _is_hosted(text: Text) -> bool:
    """Return whether a file includes headers of the system: firmware and kernels have their own."""
    return any(one.angled for one in text.c.includes)


def _elsewhere(edit: Edit, x86: bytes) -> Edit:
    return replace(edit, new=b"#if !(%s)\n%s#endif\n" % (x86, edit.new))


def _shown(assembly: Assembly) -> str:
    text = "; ".join(assembly.instructions)
    return text if len(text) <= 60 else text[:57] + "..."


def _holds(block: Block, replacement: Replacement) -> bool:
    return replacement in block.replacements
