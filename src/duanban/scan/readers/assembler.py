"""The reader of GNU assembler files.

Comment characters differ between architectures (GNU as manual, "Machine Dependencies", each
"Special Characters"): `#` on x86 and RISC-V, `@` on Arm, `//` on AArch64. What is a comment only
on some is blanked only in a form that is code on none: `#` or `@` with blanks on both sides, or a
`#` that begins a line and is no directive. `;` is left, as it mostly separates statements.
Directives are followed in `.s` files too, which compilers do not preprocess: there a line that
begins with `#if` would be a comment, and such comments are not seen in practice.
"""

from __future__ import annotations

import re
from functools import cached_property

from duanban.scan.cpp.directives import Text
from duanban.scan.readers.c import CSource

_DIRECTIVE = (
    rb"(?:ifn?def|if|elifn?def|elif|else|endif|define|undef|include(?:_next)?|error|warning"
    rb"|pragma|line|import|ident)(?![\w$])"
)
_COMMENT = re.compile(
    rb"(?<=\n)[ \t\v]*+#(?![ \t\v]*+(?:" + _DIRECTIVE + rb"|[0-9]))[^\n]*+"
    rb"|(?<=[ \t])[#@](?=[ \t\n])[^\n]*+"
)
_HIDE = bytes(c if c in (10, 11) else 32 for c in range(256))


class AssemblerSource(CSource):
    """A file for GNU as."""

    def _make_text(self) -> Text:
        text = super()._make_text()
        logical = text.logical

        def hide(match: re.Match[bytes]) -> bytes:
            line = logical.rfind(b"\n", 0, match.start()) + 1
            # In a macro's body `#` is an operator.
            is_macro = logical.find(b"define", line, match.start()) >= 0
            return match[0] if is_macro else match[0].translate(_HIDE)

        return Text(text.data, _COMMENT.sub(hide, logical), text.full)

    @cached_property
    def asm(self) -> bytes:
        """The whole code; directives stay, as macros hold assembly."""
        return self.code
