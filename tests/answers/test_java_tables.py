"""Rows of Java: chains and switches on `os.arch`, and Maven's profiles."""

import shutil
import subprocess

import pytest

from duanban.answers import How, propose
from duanban.answers.rows import told_rows
from duanban.answers.work import Text
from duanban.check.core import CheckOptions
from duanban.scan.setup import environment_of
from duanban.targets.loader import load_target

LOONG = load_target("debian-sid-loong64")
OPTIONS = CheckOptions(jobs=1, offline=True, cache=False, read_config=False)
CHAIN = """class Arch {
    static String of(String arch) {
        if (arch.equals("x86_64") || arch.equals("amd64")) {
            return "x86_64";
        } else if (arch.equals("aarch64")) {
            return "aarch64";
        }
        throw new UnsupportedOperationException(arch);
    }
}
"""
SWITCH = """class Arch {
    static String of(String arch) {
        switch (arch) {
            case "amd64":
                return "x86_64";
            case "aarch64":
                return "aarch64";
            default:
                return null;
        }
    }
}
"""


def profile(name, arch, *properties, family="linux"):
    inner = "".join(f"\n        <{key}>{value}</{key}>" for key, value in properties)
    return f"""    <profile>
      <id>{name}</id>
      <activation>
        <os>
          <family>{family}</family>
          <arch>{arch}</arch>
        </os>
      </activation>
      <properties>{inner}
      </properties>
    </profile>
"""


def pom(*profiles):
    return f"<project>\n  <profiles>\n{''.join(profiles)}  </profiles>\n</project>\n"


def told(name, content):
    text = Text(name, content.encode(), environment_of(LOONG))
    return list(told_rows(text, "loongarch64", 1))


@pytest.mark.parametrize(
    ("code", "row"),
    [
        (
            CHAIN,
            '        } else if (arch.equals("loongarch64")) {\n            return "loongarch64";\n',
        ),
        (SWITCH, '            case "loongarch64":\n                return "loongarch64";\n'),
    ],
)
def test_a_table_too_short_for_a_finding_gets_its_row(code, row, tmp_path):
    (tmp_path / "Arch.java").write_text(code)
    proposal = propose(tmp_path, LOONG, how=How(("machine-table",), options=OPTIONS))
    new = proposal.files["Arch.java"].decode()
    assert new.replace(row, "", 1) == code
    if shutil.which("javac"):
        (tmp_path / "Arch.java").write_text(new)
        subprocess.run(["javac", "Arch.java"], cwd=tmp_path, check=True)


@pytest.mark.parametrize(
    "code",
    [
        CHAIN.replace('return "aarch64"', 'return "arm"'),
        CHAIN.replace("} else if", '} else if (arch.equals("loongarch64")) {\n        } else if'),
        # Statements of two blocks are no table.
        'a {\n    name = "linux-x86_64"\n}\nb {\n    name = "linux-aarch64"\n}\n',
    ],
)
def test_what_does_not_agree_tells_nothing(code):
    assert told("Arch.java", code) == []


def test_profiles_of_two_machines_tell_the_third():
    common = ("flags", "-O2")
    x86, arm = (
        profile(f"linux-{name}", arch, ("machine", name), common)
        for name, arch in (("x86_64", "amd64"), ("aarch64", "aarch64"))
    )
    (row,) = told("pom.xml", pom(x86, "\n", arm))
    wanted = profile("linux-loongarch64", "loongarch64", ("machine", "loongarch64"), common)
    assert (row.text.decode(), row.doubt) == (wanted, "")
    assert told("pom.xml", pom(x86, arm, wanted)) == []


def test_what_a_profile_needs_is_a_doubt():
    x86, arm = (
        profile(arch, arch, ("classifier", f"linux-{name}"))
        for name, arch in (("x86_64", "x86_64"), ("aarch64", "aarch64"))
    )
    (row,) = told("pom.xml", pom(x86, arm))
    assert row.doubt == "whether linux-loongarch64 exists"


@pytest.mark.parametrize("family", ["mac", "windows"])
def test_profiles_of_another_system_tell_nothing(family):
    two = (profile(arch, arch, family=family) for arch in ("x86_64", "aarch64"))
    assert told("pom.xml", pom(*two)) == []
    mixed = profile("x86_64", "x86_64"), profile("aarch64", "aarch64", family=family)
    assert told("pom.xml", pom(*mixed)) == []


@pytest.mark.parametrize("text", ["<profile>\n", "<profile>\n" * 2000, pom("    <profile>\n")])
def test_a_damaged_file_is_none(text):
    assert told("pom.xml", text + "<arch>aarch64</arch>\n") == []
