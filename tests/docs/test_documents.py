"""The documents say what the code does."""

import re
import subprocess
from pathlib import Path

import pytest
from click import Group

from duanban.answers.registry import FIXERS
from duanban.cli.main import VERBS, cli
from duanban.model import Layer
from duanban.report import formats
from duanban.rules import load_rules
from duanban.scan.setup import expanded_rules
from duanban.targets.loader import list_targets

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_rule_has_its_page():
    page = text("docs/rules.md")
    missing = [rule.id for rule in load_rules() if rule.id not in page]
    assert missing == []


def test_every_target_is_listed():
    page = text("docs/targets.md")
    assert [target.id for target in list_targets() if target.id not in page] == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_two_commands_come_first(readme):
    lines = [line.strip() for line in text(readme).splitlines() if line.startswith("    ")]
    assert lines[0].startswith("make run")
    assert lines[1].startswith("make test")


def test_both_readmes_show_the_same_code_and_have_the_same_sections():
    english, chinese = text("README.md"), text("README.zh.md")

    def commands(page: str) -> list[str]:
        return re.findall(r"^ {4}((?:\$ )?duanban [a-z][^#\n]*?)\s*(?:#.*)?$", page, re.M)

    assert commands(english) == commands(chinese)
    headings = re.compile(r"^#+ ", re.M)
    assert len(headings.findall(english)) == len(headings.findall(chinese))


def test_both_readmes_show_the_same_numbers():
    def tables(page: str) -> list[list[str]]:
        rows = [line for line in page.splitlines() if line.startswith("|")]
        return [sorted(re.findall(r"\d+(?:[.,]\d+)*", row)) for row in rows]

    assert tables(text("README.md")) == tables(text("README.zh.md"))


def test_every_rule_that_documents_name_exists():
    known = {rule.id for rule in expanded_rules()}
    named = re.compile(rf"[`\"]((?:{'|'.join(Layer)})(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+)[`\"]")
    found = {rule for file in DOCUMENTS for rule in named.findall(file.read_text("utf-8"))}
    assert len(found) > 20
    assert found - known == set()


def test_every_verb_and_option_says_what_it_does():
    context = cli.make_context("duanban", ["--help"], resilient_parsing=True)
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        commands = list(command.commands.values()) if isinstance(command, Group) else [command]
        for each in [command, *commands]:
            assert each.help, each.name
            for parameter in each.params:
                if parameter.param_type_name == "option" and parameter.name not in ("help", "yes"):
                    shown = getattr(parameter, "help", None) or parameter.name == "form"
                    assert shown, f"{each.name} --{parameter.name}"


def test_formats_named_in_the_readme_exist():
    endings = {suffix for each in formats().values() for suffix in each.suffixes}
    assert {".html", ".json", ".sarif", ".md", ".csv"} <= endings


def test_no_file_names_a_registry_or_a_place_on_a_machine():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    host = re.compile(r"https?://[a-z0-9.-]*(?:pypi|npm|pythonhosted|debian)", re.I)
    machine = re.compile(r"(?<![\w.])/(?:work|root)/[a-z]")
    found = []
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        recorded = name.startswith("tests/inventory/data/")
        if not name or recorded or not path.is_file() or path == Path(__file__):
            continue
        content = path.read_bytes().decode("utf-8", "replace")
        if host.search(content) or machine.search(content):
            found.append(name)
    assert found == []


def test_every_fixer_has_its_section():
    page = text("docs/fix.md")
    assert [fixer.name for fixer in FIXERS if f"\n### {fixer.name}\n" not in page] == []
