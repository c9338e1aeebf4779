"""Random preprocessor programs whose every line of code is a marker, for comparison with gcc."""

from __future__ import annotations

import random

UNKNOWN_VALUES: tuple[str | None, ...] = (None, "0", "1", "3")
"""What each unknown macro may be: not defined, or one of these."""
GIVEN = {"K": "1", "V": "201112L", "Z": "0", "W": "(V - 5)"}
"""Macros of the environment."""
ABSENT = ("N", "M")
UNKNOWN = ("A", "B")
LOCAL = ("P", "Q")
"""Macros that only the file itself defines."""
BODIES = ("", "0", "1", "2 + 1", "(A)", "K", "V > 5", "Q", "P", "B")


class Generator:
    """Makes one program; every macro name ends in `suffix`, so that many fit in one file."""

    def __init__(self, seed: int, suffix: str) -> None:
        self.random = random.Random(seed)
        self.suffix = suffix
        self.markers = 0
        self.lines: list[str] = []
        self.budget = 40

    def name(self) -> str:
        return self.random.choice((*GIVEN, *ABSENT, *UNKNOWN, *UNKNOWN, *LOCAL)) + self.suffix

    def operand(self, depth: int) -> str:
        kinds = ("name", "number", "defined", "defined", "not", "group")
        kind = self.random.choice(kinds if depth else kinds[:4])
        if kind == "name":
            # An empty body makes a bare name a syntax error, which gcc takes for false: add to it.
            return f"({self.name()} + 0)"
        if kind == "number":
            return self.random.choice(("0", "1", "2", "0x10", "010", "'a'", "-1", "3u"))
        if kind == "defined":
            name = self.name()
            return self.random.choice((f"defined({name})", f"defined {name}", f"!defined({name})"))
        if kind == "not":
            return f"!({self.expression(depth - 1)})"
        return f"({self.expression(depth - 1)})"

    def expression(self, depth: int) -> str:
        left = self.operand(depth)
        if self.random.random() < 0.35:
            return left
        operators = ("&&", "||", "&&", "||", "==", "!=", "<", ">=", "+", "-", "*", "&", "|", "^")
        if self.random.random() < 0.05:
            return f"{left} ? {self.operand(depth)} : {self.operand(depth)}"
        if self.random.random() < 0.05:
            return f"{left} {self.random.choice(('<<', '>>'))} {self.random.randrange(70)}"
        return f"{left} {self.random.choice(operators)} {self.operand(depth)}"

    def marker(self) -> None:
        self.lines.append(f"marker{self.suffix}_{self.markers}")
        self.markers += 1

    def change(self) -> None:
        name = self.random.choice((*LOCAL, *LOCAL, *GIVEN, *ABSENT, *UNKNOWN)) + self.suffix
        self.lines.append(f"#undef {name}")
        if self.random.random() < 0.7:
            body = self.random.choice(BODIES)
            for known in (*GIVEN, *ABSENT, *UNKNOWN, *LOCAL):
                body = body.replace(known, known + self.suffix) if known in body else body
            self.lines.append(f"# define {name} {body}")

    def opening(self) -> None:
        kind = self.random.random()
        if kind < 0.3:
            self.lines.append(f"#ifdef {self.name()}")
        elif kind < 0.5:
            self.lines.append(f"  #  ifndef {self.name()} // comment")
        else:
            self.lines.append(f"#if {self.expression(2)} /* more\n comment */")

    def block(self, depth: int) -> None:
        self.marker()
        for _ in range(self.random.randrange(1, 4)):
            self.budget -= 1
            if self.budget < 0:
                break
            if depth < 4 and self.random.random() < 0.6:
                self.opening()
                self.block(depth + 1)
                for _ in range(self.random.choice((0, 0, 1, 2))):
                    self.lines.append(f"#elif {self.expression(2)}")
                    self.block(depth + 1)
                if self.random.random() < 0.5:
                    self.lines.append("#else")
                    self.block(depth + 1)
                self.lines.append("#endif")
            else:
                self.change()
            self.marker()

    def program(self) -> str:
        """Return the program; one in five stands in an include guard."""
        guarded = self.random.random() < 0.2
        if guarded:
            guard = self.random.choice(("#ifndef G{0}", "#if !defined(G{0})"))
            self.lines += [guard.format(self.suffix), f"#define G{self.suffix}"]
        self.block(0)
        if guarded:
            self.lines.append("#endif")
        return "\n".join(self.lines) + "\n"


def assignments() -> list[dict[str, str | None]]:
    """Return every way in which the unknown macros may be defined."""
    return [{"A": a, "B": b} for a in UNKNOWN_VALUES for b in UNKNOWN_VALUES]


def settings(suffix: str, assignment: dict[str, str | None]) -> list[str]:
    """Return gcc's `-D` options for one program."""
    defined = {**GIVEN, **{k: v for k, v in assignment.items() if v is not None}}
    return [f"-D{name}{suffix}={_suffixed(value, suffix)}" for name, value in defined.items()]


def _suffixed(value: str, suffix: str) -> str:
    return value.replace("V", "V" + suffix)


def environment_macros(suffix: str) -> tuple[dict[bytes, bytes], frozenset[bytes]]:
    """Return what the tracker is told: the given macros and the absent ones."""
    defined = {(n + suffix).encode(): _suffixed(v, suffix).encode() for n, v in GIVEN.items()}
    return defined, frozenset((name + suffix).encode() for name in (*ABSENT, *LOCAL))
