"""Names that files declare, and what a name does where it stands."""

import pytest

from duanban.scan.units.declarations import declared
from duanban.scan.units.occurrences import Occurrence, occurrence


@pytest.mark.parametrize(
    ("text", "names", "members"),
    [
        ("typedef unsigned int word, *word_p;", "word word_p", ""),
        ("typedef struct node { int a, b[3]; unsigned c : 3; } node_t, *list;", "node node_t list", "a b c"),  # noqa: E501
        ("struct s { struct t { int z; } y; void (*cb)(int q); };", "s t", "z y cb"),
        ("enum mode { OFF, ON = 3, AUTO };", "OFF ON AUTO", ""),
        ("enum class mode { OFF };", "mode OFF", ""),
        ("static inline int add(int p) { int local = 3; return other(local); }", "add", ""),
        ("static int\nsplit(int a)\n{\n struct in { int m; };\n}\nint after;", "split after", ""),
        ("__attribute__((noinline)) void f(void);", "f", ""),
        ("extern int one, *two, three[] = { 1, 2, x };", "one two three", ""),
        ("int (*handler)(int);", "handler", ""),
        ("static const int k = sizeof(word), k2 = 4;", "k k2", ""),
        ('extern " " {\nvoid c_name(void);\n}\nint last;', "c_name last", ""),
        ("namespace ours { int inner; }", "inner", ""),
        ("class K : public Base, Other { int m; public: void f(int) { int x; } };", "K", "m f"),
        ("bool operator==(const K &a, const K &b) { return 1; }\nint next;", "next", ""),
        ("REGISTER(foo)\nint next;", "next", ""),
        ("}\n}\nint next;", "next", ""),
    ],
)  # fmt: skip
def test_declarations_at_file_scope(text, names, members):
    found = declared([(text.encode(), 0)])
    assert [name.decode() for name, _, is_member in found if not is_member] == names.split()
    assert [name.decode() for name, _, is_member in found if is_member] == members.split()
    assert all(text.encode()[at:].startswith(name) for name, at, _ in found)


def test_declarations_go_on_from_piece_to_piece():
    pieces = [(b"static int\n", 0), (b"f(void) {\n  int local;\n", 40), (b"}\nint g;", 90)]
    assert declared(pieces) == [(b"f", 40, False), (b"g", 96, False)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("  return NAME(3);", "USE"),
        ("  x = a + NAME;", "USE"),
        ("  if (flags & NAME) {", "DECLARATION"),  # as generous as `f(type &NAME)` needs
        ("  f(a, NAME);", "USE"),
        ("  NAME y;", "USE"),
        ("static NAME y;", "USE"),
        ("static NAME *y;", "USE"),
        ("  else NAME(x);", "USE"),
        ("  p = (NAME) q;", "USE"),
        ("  int NAME = 3;", "DECLARATION"),
        ("  int a = 1, NAME;", "DECLARATION"),
        ("void f(struct s *NAME);", "DECLARATION"),
        ("void f(int a,\n       char NAME)", "DECLARATION"),
        ("static int\nNAME(int a)\n{", "DECLARATION"),
        ("  std::vector<int> NAME(4);", "DECLARATION"),
        ("DECLARE_THING(NAME);", "DECLARATION"),
        ("  p->NAME = 1;", "MEMBER"),
        ("  p.NAME = 1;", "MEMBER"),
        ("  lib::NAME();", "OTHER"),
        ("  struct NAME *p;", "OTHER"),
        ("  goto NAME;", "OTHER"),
        ("  x = 1;\nNAME:\n  y = 2;", "OTHER"),
    ],
)
def test_what_a_name_does(text, kind):
    at = text.index("NAME")
    assert occurrence(text.encode(), at, at + 4) is Occurrence[kind]
