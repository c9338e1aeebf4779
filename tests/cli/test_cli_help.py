"""What the command says of itself, and the verbs beside `check`."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from click import Group

from duanban import __version__
from duanban.cli.main import VERBS, cli
from duanban.rules import load_rules
from duanban.targets.loader import list_targets


def commands() -> list[tuple[str, ...]]:
    """Every command and subcommand, as it is typed."""
    context = cli.make_context("duanban", [], resilient_parsing=True)
    found: list[tuple[str, ...]] = [()]
    for verb in VERBS:
        command = cli.get_command(context, verb)
        found.append((verb,))
        if isinstance(command, Group):
            found += [(verb, name) for name in command.commands]
    return found


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_help_of_every_command_teaches_by_an_example_that_is_right(
    duanban, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    ran = duanban(*command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert duanban(*command, "-h").out == ran.out
    line = " ".join(("duanban", *command))
    # An example of a group is one of its subcommands.
    shown = re.sub(r" \\\n +", " ", ran.out)  # a backslash continues a command on the next line
    examples = re.findall(rf"^ +(?:.*\()?({line}\b[^#\n)]*)", shown, re.M)
    assert examples, ran.out
    for example in examples:
        words = shlex.split(re.split(r"  +", example)[0])[1:]
        for word in words:
            if re.fullmatch(r"[\w/]+\.(xz|gz|json|toml)|(\w+/)?(Packages|Sources)", word):
                (tmp_path / word).parent.mkdir(exist_ok=True)
                (tmp_path / word).touch()
        parse(words)


def test_lists_of_commands_are_whole_sentences(duanban):
    for command in commands():
        out = duanban(*command, "--help").out
        assert not re.search(r"\.\.\.$", out.partition("\nCommands:\n")[2], re.M), out


def parse(words: list[str]) -> None:
    """Parse a command line as the tool would, without running it."""
    context = cli.make_context("duanban", list(words))
    name, command, rest = cli.resolve_command(context, words)
    while command is not None:
        context = command.make_context(name, rest, parent=context)
        if not isinstance(command, Group) or not context._protected_args:
            return
        name, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )


def test_no_command_shows_the_help_as_wrong_use(duanban):
    ran = duanban()
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.strip() == duanban("--help").out.strip()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chekc", "."], "no command is called 'chekc'; did you mean check?"),
        (["pypi:numpy"], "to check it: duanban check pypi:numpy"),
        (["rules", "explian"], "Did you mean 'explain'?"),
        (["rules", "explain", "chip.intrinsics.x87"], "did you mean chip.intrinsics.x86?"),
        (["rules", "explain", "qqq"], "`duanban rules list` names them all"),
        (["rules", "list", "--layer", "chp"], "'chp' is not one of 'chip', 'os'"),
        (["targets", "show", "debian-sid-loong46"], "did you mean debian-sid-loong64?"),
        (["rules", "explain", "a\x1b[31mb"], "a\\x1b[31mb"),
    ],
)
def test_a_slip_is_answered_in_one_line_that_helps(duanban, words, says):
    ran = duanban(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("duanban: ")
    assert ran.err.count("\n") == 1
    assert says in ran.err
    assert "\x1b" not in ran.err


def test_the_version(duanban):
    assert duanban("--version").out == f"duanban, version {__version__}\n"


def test_rules_list_names_every_rule_once(duanban):
    ran = duanban("rules", "list")
    assert [line.split()[0] for line in ran.out.splitlines()] == [r.id for r in load_rules()]
    rows = json.loads(duanban("rules", "list", "--format", "json", "--layer", "os").out)
    assert {row["layer"] for row in rows} == {"os"}
    assert [row["id"] for row in rows] == [r.id for r in load_rules() if r.layer == "os"]


def test_rules_alone_lists_them(duanban):
    assert duanban("rules").out == duanban("rules", "list").out


def test_rules_explain_says_why_what_to_do_and_who_says_so(duanban):
    for rule in load_rules()[::10]:
        out = duanban("rules", "explain", rule.id).out
        assert " ".join(rule.why.split())[:40] in " ".join(out.split())
        assert " ".join(rule.remedy.split())[:40] in " ".join(out.split())
        assert all(source in out for source in rule.sources)


def test_rules_explain_says_what_the_hours_go_by(duanban):
    assert "10 lines" in duanban("rules", "explain", "chip.tree.missing").out
    assert "further place" not in duanban("rules", "explain", "chip.tree.missing").out


def test_targets_list_and_show(duanban):
    names = [target.id for target in list_targets()]
    assert [line.split()[0] for line in duanban("targets").out.splitlines()] == names
    rows = json.loads(duanban("targets", "list", "--format", "json").out)
    assert [row["id"] for row in rows] == names
    for name in names:
        shown = json.loads(duanban("targets", "show", name).out)
        assert shown["id"] == name


def test_the_cache_is_where_the_variable_says_and_clears_only_its_own(
    duanban, tmp_path, monkeypatch
):
    cache = tmp_path / "cache"
    monkeypatch.setenv("DUANBAN_CACHE", str(cache))
    assert duanban("cache").out == duanban("cache", "path").out == f"{cache}\n"
    assert duanban("cache", "clear", "--yes").out == f"cleared {cache}\n"  # nothing there yet
    source = tmp_path / "a.c"
    source.write_text("int x;\n")
    assert duanban("check", source, "-t", "debian-sid-loong64").code == 0
    (cache / "scans").mkdir(parents=True, exist_ok=True)
    (cache / "thesis.tex").write_text("years of work")
    assert duanban("cache", "clear", "--yes").code == 0
    assert [each.name for each in cache.iterdir()] == ["thesis.tex"]


def test_the_cache_is_not_cleared_without_a_yes(duanban, tmp_path, monkeypatch):
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path))
    (tmp_path / "scans").mkdir()
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda *_: "n")
    ran = duanban("cache", "clear")
    assert ran.code == 1
    assert ran.err.endswith("duanban: nothing was done\n")
    assert (tmp_path / "scans").is_dir()
