import pytest
from inventory_sample import DATA, elf
from packaging.tags import parse_tag
from packaging.utils import parse_wheel_filename

from duanban.inventory.wheel_tags import fits, machines_of, platform_tags


def names(findings):
    return sorted(one.component.partition("@")[0].removeprefix("pkg:pypi/") for one in findings)


@pytest.mark.parametrize("file", ["uv.lock", "pylock.toml"])
@pytest.mark.parametrize(
    ("arch", "expected"),
    [
        ("arm64", []),
        ("riscv64", ["cffi", "numpy", "numpy", "pulp"]),
        (
            "loong64",
            [
                *("cffi", "lxml", "numpy", "numpy"),
                *("psycopg2-binary", "pulp", "pydantic-core"),
            ],
        ),
    ],
)
def test_what_must_be_built_from_source(tree, target, file, arch, expected):
    findings, unknown = tree.sample(file).judge(target(arch))
    assert {one.rule for one in findings} <= {"library.python.source-build"}
    assert names(findings) == expected  # pywin32, for Windows only, is not needed on any of them
    assert unknown == []


def test_lines_of_a_lock(tree, target):
    lines = tree.sample("uv.lock").root.joinpath("uv.lock").read_text().splitlines()
    findings, _ = tree.judge(target("loong64"))
    assert len({one.line for one in findings}) == len(findings)
    for one, name in ((one, one.message.split()[0]) for one in findings):
        assert lines[one.line - 1] == f'name = "{name}"'


def test_both_locks_give_one_finding_each(tree, target):
    findings, _ = tree.sample("uv.lock").sample("pylock.toml").judge(target("riscv64"))
    assert names(findings) == ["cffi", "numpy", "numpy", "pulp"]
    assert {one.occurrences for one in findings} == {2}


def poetry(*files: str, extra: str = "") -> str:
    listed = ", ".join(f'{{file = "{name}", hash = "x"}}' for name in files)
    return f'[[package]]\nname = "p"\nversion = "1.0"\nfiles = [{listed}]\n{extra}'


X86_WHEEL = "p-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"


@pytest.mark.parametrize(
    ("files", "extra", "rule"),
    [
        ((X86_WHEEL,), "", "library.python.wheels"),
        ((X86_WHEEL, "p-1.0.tar.gz"), "", "library.python.source-build"),
        ((X86_WHEEL, "p-1.0-py3-none-any.whl"), "", None),
        ((X86_WHEEL,), "markers = \"sys_platform == 'win32'\"", None),
        ((X86_WHEEL,), "markers = \"python_version < '3.12'\"", "library.python.wheels"),
        ((X86_WHEEL,), "markers = \"platform_machine == 'x86_64'\"", None),
        ((X86_WHEEL,), 'markers = "no marker at all"', "library.python.wheels"),
    ],
)
def test_poetry_lock(tree, target, files, extra, rule):
    found = tree.add("poetry.lock", poetry(*files, extra=extra)).rules(target("loong64"))
    assert list(found) == ([rule] if rule else [])


def test_a_source_alone_is_an_open_question(tree, target):
    findings, unknown = tree.add("poetry.lock", poetry("p-1.0.tar.gz")).judge(target("arm64"))
    assert findings == []
    assert "build on aarch64" in unknown[0].fact


def test_requirements_without_a_lock_are_an_open_question(tree, target):
    text = (
        "# comment\n-r other.txt\nnumpy==2.4.6 \\\n    --hash=sha256:00\nClick>=8 ; "
        "python_version > '3'\npywin32; sys_platform == 'win32'\n./local\n"
    )
    tree.add("requirements.txt", text)
    assert [one.purl for one in tree.inventory().components] == [
        "pkg:pypi/click",
        "pkg:pypi/numpy@2.4.6",
        "pkg:pypi/pywin32",
    ]
    _, unknown = tree.judge(target("riscv64"))
    assert len(unknown) == 1
    assert "Click, numpy (requirements.txt)" in unknown[0].fact


def test_what_serves_development_is_listed_and_not_judged(tree, target):
    tree.add(".codespell/requirements.txt", "codespell\n")
    tree.add("requirements-dev.txt", "pytest\n")
    tree.add(
        "pyproject.toml",
        '[project]\nname = "a"\ndependencies = ["numpy"]\n[project.optional-dependencies]\n'
        'dev = ["mypy"]\ntype = ["mypy"]\nfast = ["cython-re"]\n'
        '[dependency-groups]\nx = ["ruff"]\n',
    )
    purls = {one.purl.removeprefix("pkg:pypi/") for one in tree.inventory().components}
    assert purls == {"codespell", "pytest", "mypy", "numpy", "cython-re", "ruff"}
    (fact,) = tree.judge(target("arm64"))[1]
    assert "whether cython-re, numpy (pyproject.toml)" in fact.fact


def test_a_lock_beside_answers_it(tree, target):
    tree.add("pyproject.toml", '[project]\nname = "a"\ndependencies = ["numpy>=2", "a[x]"]\n')
    assert len(tree.judge(target("arm64"))[1]) == 1
    tree.sample("uv.lock")
    assert tree.judge(target("arm64"))[1] == []
    assert "pkg:pypi/numpy" not in {one.purl for one in tree.inventory().components}


def test_pipfile_lock(tree, target):
    tree.add("Pipfile.lock", '{"default": {"numpy": {"version": "==2.0", "hashes": []}}}')
    _, unknown = tree.judge(target("arm64"))
    assert "numpy" in unknown[0].fact
    assert tree.inventory().components[0].purl == "pkg:pypi/numpy@2.0"


WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {}\n"


def test_unpacked_wheel_for_another_machine(tree, target):
    tree.add("p-1.0.dist-info/WHEEL", WHEEL.format("cp311-cp311-manylinux_2_17_x86_64"))
    tree.add("p-1.0.dist-info/RECORD", "p/a.so,,\n").add("p/a.so", elf("x86_64"))
    found = tree.judge(target("arm64"))[0]
    assert [(one.rule, one.line) for one in found] == [("library.python.wheel-file", 3)]


def test_tags_that_say_any_are_contradicted_by_what_is_inside(tree, target):
    # pulp: `py3-none-any`, yet with solvers for three machines.
    tree.add("pulp-2.0.dist-info/WHEEL", WHEEL.format("py3-none-any"))
    record = "".join(f"pulp/cbc/linux/{d}/cbc,,\n" for d in ("i64", "arm64"))
    tree.add("pulp-2.0.dist-info/RECORD", record)
    tree.add("pulp/cbc/linux/i64/cbc", elf("x86_64")).add(
        "pulp/cbc/linux/arm64/cbc", elf("aarch64")
    )
    assert tree.rules(target("arm64")) == {}
    assert tree.rules(target("riscv64")) == {"chip.payload.elf": ["pkg:pypi/pulp@2.0"]}


def test_installed_distribution_is_to_be_installed_again(tree, target):
    info = "lib/p-1.0.dist-info"
    tree.add(f"{info}/WHEEL", WHEEL.format("cp311-cp311-linux_x86_64")).add(f"{info}/INSTALLER")
    tree.add(f"{info}/RECORD", "p/a.so,,\n../bin/tool,,\n")
    tree.add("lib/p/a.so", elf("x86_64")).add("bin/tool", elf("x86_64", 2))
    component = tree.inventory().components[0]
    assert (component.state.value, component.architectures) == ("installed", ("x86_64",))
    found = tree.judge(target("arm64"))[0]
    assert [(one.rule, one.occurrences) for one in found] == [("library.installed.native", 2)]


def test_wheel_files_beside_each_other(tree, target):
    tree.add(f"wheels/{X86_WHEEL}", "PK")
    tree.add("wheels/p-1.0-cp311-cp311-manylinux_2_17_aarch64.whl", "PK")
    assert tree.rules(target("arm64")) == {}
    found = tree.judge(target("riscv64"))[0]
    assert [(one.rule, one.occurrences) for one in found] == [("library.python.wheel-file", 2)]


def test_platform_tags_agree_with_packaging():
    lines = (DATA / "uv.lock.sample").read_text().splitlines()
    wheels = {line.split('"')[1] for line in lines if '.whl"' in line}
    assert len(wheels) > 200
    for wheel in wheels:
        expected = {tag.platform for tag in parse_wheel_filename(wheel)[3]}
        assert set(platform_tags(wheel)) == expected
    assert {tag.platform for tag in parse_tag("cp311-cp311-linux_x86_64")} == {"linux_x86_64"}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("any", True),
        ("manylinux2014_aarch64", True),
        ("manylinux_2_99_aarch64", False),
        ("musllinux_1_2_aarch64", False),
        ("linux_aarch64", True),
        ("manylinux_2_17_x86_64", False),
        ("macosx_11_0_arm64", False),
        ("win_arm64", False),
        ("manylinux_2_17_", False),
        ("", False),
    ],
)
def test_fits(tag, expected, target):
    assert fits(tag, target("arm64")) is expected


def test_machines_in_words():
    assert machines_of(["musllinux_1_1_riscv64", "linux_x86_64", "win32"]) == (
        "riscv64 (musl)",
        "x86_64",
    )
    assert machines_of(["win_amd64", "macosx_11_0_arm64"]) == ("macosx", "win")
