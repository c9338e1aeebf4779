"""Rows of Rust: an attribute with its item, branches of `cfg_if!`, arms of `match`."""

import shutil
import subprocess
import time

import pytest

from duanban.answers import How, propose
from duanban.answers.rows import told_rows
from duanban.answers.work import Text
from duanban.check.core import CheckOptions
from duanban.scan.setup import environment_of
from duanban.targets.loader import load_target

ENVIRONMENT = environment_of(load_target("debian-sid-loong64"))


def told(code):
    return list(told_rows(Text("a.rs", code.encode(), ENVIRONMENT), "loongarch64", 1))


def table(item, *machines, attribute='#[cfg(target_arch = "{}")]'):
    return "".join(f"{attribute.format(m)}\n{item.replace('@', m)}\n" for m in machines)


ITEMS = [
    "pub const GET: i64 = 90;",
    'const NAMES: [&str; 2] = [\n    "a;",\n    "}",\n];',
    "fn size() -> usize {\n    if true { 1 } else { 2 }\n}",
    "const fn size() -> usize {\n    1\n}",
    'static NAME: &str = "@";',
    "type Word = u64;",
    "mod inner {\n    pub fn one() {}\n}",
    "#[inline]\n#[allow(\n    dead_code\n)]\nfn one() {}",
    "#[repr(C)]\nstruct Frame {\n    a: u64,\n}",
    "struct Unit;",
    "impl Trait for Type {\n    const A: u8 = 1;\n}",
    "use std::fmt;",
]


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_goes_with_its_attribute(item):
    code = table(item, "x86_64", "aarch64")
    (row,) = told(code)
    wanted = table(item, "loongarch64")
    assert (row.text.decode(), row.doubt) == (wanted, "")
    # It stands behind the whole item of the last one.
    assert row.behind == code.count("\n")


@pytest.mark.parametrize("item", ITEMS)
def test_what_comes_of_it_is_rust(item, tmp_path):
    if shutil.which("rustc") is None:
        pytest.skip("rustc is not there")
    code = table(item, "x86_64", "aarch64")
    (row,) = told(code)
    lib = tmp_path / "lib.rs"
    lib.write_text(f"trait Trait {{ const A: u8; }} struct Type;\n{code}{row.text.decode()}")
    command = ["rustc", "--crate-type", "lib", "--emit", "metadata", "-A", "warnings", str(lib)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    "code",
    [
        # Two attributes over one item would mean both machines at once.
        '#[cfg(target_arch = "aarch64")]\nconst A: u8 = 1;\n'
        '#[cfg(target_arch = "riscv64")]\nconst A: u8 = 2;\n',
        # The target gets what is for all others already.
        table("const A: u8 = 1;", "aarch64", "riscv64")
        + '#[cfg(not(any(target_arch = "aarch64", target_arch = "riscv64")))]\nconst A: u8 = 3;\n',
        table("const A: u8 = 1;", "x86_64", "aarch64", attribute='#[cfg(not(target_arch = "{}"))]'),
        # Another system.
        table(
            "const A: u8 = 1;", "x86_64", "aarch64",
            attribute='#[cfg(all(target_os = "windows", target_arch = "{}"))]',
        ),
        table(
            "type A = u8;", "x86_64", "aarch64",
            attribute='#[cfg(all(windows, target_arch = "{}"))]',
        ),
        # An item that does not end here.
        '#[cfg(target_arch = "aarch64")]\nfn a() {\n#[cfg(target_arch = "riscv64")]\nfn a() {\n',
        '#[cfg(target_arch = "aarch64")]\n}\n#[cfg(target_arch = "riscv64")]\n}\n',
        '#[cfg(target_arch = "aarch64")]',
        # The target has its own, elsewhere.
        table("const A: u8 = 1;", "aarch64", "riscv64")
        + '\n#[cfg(any(target_arch = "mips64", target_arch = "loongarch64"))]\nconst A: u8 = 3;\n',
        # The target has its own.
        table("const A: u8 = 1;", "aarch64", "riscv64", "loongarch64"),
    ],
)  # fmt: skip
def test_where_nothing_follows_nothing_is_told(code):
    assert told(code) == []


def test_linux_is_no_other_system():
    attribute = '#[cfg(all(target_os = "linux", target_arch = "{}"))]'
    (row,) = told(table("const A: u8 = 1;", "x86_64", "aarch64", attribute=attribute))
    assert b'target_os = "linux", target_arch = "loongarch64"' in row.text


def test_a_file_that_an_item_needs_is_a_doubt():
    (row,) = told(table("mod @;", "x86_64", "aarch64"))
    assert row.doubt == "what loongarch64 is"
    (row,) = told(table('#[path = "arch/@.rs"]\nmod arch;', "x86_64", "aarch64"))
    assert row.doubt == 'whether "arch/loongarch64.rs" exists'


def test_branches_of_cfg_if():
    code = """cfg_if::cfg_if! {
    if #[cfg(target_arch = "x86_64")] {
        pub const PAGES: usize = 4;
    } else if #[cfg(target_arch = "aarch64")] {
        pub const PAGES: usize = 4;
    } else {
        compile_error!("unknown machine");
    }
}
"""
    (row,) = told(code)
    assert row.text.decode() == (
        '    } else if #[cfg(target_arch = "loongarch64")] {\n        pub const PAGES: usize = 4;\n'
    )
    other = code.replace("PAGES: usize = 4;\n    } else {", "PAGES: usize = 8;\n    } else {")
    assert told(other) == []


def test_arms_of_a_match_on_the_machines_name():
    code = """match std::env::consts::ARCH {
    "x86_64" => "x86-64",
    "aarch64" => "aarch64",
    "riscv64" => "riscv64",
    _ => panic!(),
}
"""
    (row,) = told(code)
    assert row.text == b'    "loongarch64" => "loongarch64",\n'


def test_a_list_of_the_manifest_follows_that_of_the_code(tmp_path):
    listed = 'any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")'
    wider = listed.replace('"riscv64")', '"riscv64", target_arch = "loongarch64")')
    other = 'any(target_arch = "x86", target_arch = "x86_64")'
    manifest = (
        "[package]\nname = 'a'\nversion = '1.0.0'\n"
        f"[target.'cfg({listed})'.dependencies]\nwide = '1'\n"
        f"[target.'cfg({other})'.dependencies]\nraw-cpuid = '1'\n"
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src/lib.rs").write_text(f"#[cfg({listed})]\ntype Word = i64;\n")
    (tmp_path / "Cargo.toml").write_text(manifest)
    options = CheckOptions(jobs=1, offline=True, cache=False, read_config=False)
    how = How(("build-tags",), options=options)
    proposal = propose(tmp_path, load_target("debian-sid-loong64"), how=how)
    assert proposal.files["src/lib.rs"].decode() == f"#[cfg({wider})]\ntype Word = i64;\n"
    assert proposal.files["Cargo.toml"].decode() == manifest.replace(listed, wider)


@pytest.mark.parametrize("line", ["#[", '#[cfg(target_arch = "aarch64")]', "<profile>"])
def test_much_of_the_same_is_read_in_good_time(line):
    code = f"{line}\n" * 3000
    start = time.process_time()
    list(told_rows(Text("a.rs", code.encode(), ENVIRONMENT), "loongarch64", 1500))
    list(told_rows(Text("pom.xml", code.encode(), ENVIRONMENT), "loongarch64", 1500))
    assert time.process_time() - start < 5
