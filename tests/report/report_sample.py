"""One synthetic report that looks like a real one, and one with everything hostile in it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from duanban.model import (
    Component,
    ComponentState,
    Effort,
    Failure,
    Finding,
    Layer,
    ObjectiveResult,
    Report,
    Scanned,
    Severity,
    Skipped,
    Suppressed,
    SystemReport,
    TargetResult,
    Tool,
    UnknownFact,
    Verdict,
)
from duanban.rules.interface import Condition, Rule, View

LOONG = "debian-sid-loong64"
ARM = "debian-sid-arm64"
RISCV = "openeuler-24.03-riscv64"


def rule(id: str, title: str, layer: Layer, severity: Severity, why: str, remedy: str, *sources):
    return Rule(
        id=id,
        title=title,
        layer=layer,
        severity=severity,
        confidence=0.9,
        languages=("c",),
        view=View.CODE,
        patterns=("x",),
        prefilter=(),
        excludes=(),
        condition=Condition(),
        guard="",
        breaks_compile=severity is Severity.BLOCKS,
        message="{match}",
        why=why,
        remedy=remedy,
        effort=Effort(1, 2, 4),
        effort_each=Effort(0.1, 0.2, 0.5),
        sources=tuple(sources),
        positive=(),
        negative=(),
    )


RULES = {
    each.id: each
    for each in (
        rule(
            "chip.intrinsics.x86",
            "x86 SIMD intrinsics without a guard",
            Layer.CHIP,
            Severity.BLOCKS,
            "The intrinsics of SSE and AVX exist only in compilers for x86. On another "
            "architecture the header is missing and the translation unit does not compile.",
            "Write the loop once in portable C or with SIMDe, and keep the x86 path behind "
            "`#if defined(__x86_64__)`. Add a LoongArch LSX path where it pays.",
            "https://gcc.gnu.org/onlinedocs/gcc/x86-Built-in-Functions.html",
            "https://github.com/simd-everywhere/simde",
        ),
        rule(
            "chip.page-size.fixed",
            "A page size of 4096 bytes is taken for granted",
            Layer.CHIP,
            Severity.DEGRADES,
            "Kernels for LoongArch use pages of 16 KiB, and some for arm64 of 64 KiB.",
            "Ask the system with sysconf(_SC_PAGESIZE).",
            "https://docs.kernel.org/arch/loongarch/introduction.html",
        ),
        rule(
            "toolchain.config-guess.old",
            "config.guess is older than the architecture",
            Layer.TOOLCHAIN,
            Severity.BLOCKS,
            "config.guess learnt loongarch64 in 2021; an older copy stops configure.",
            "Replace config.guess and config.sub with current copies (autoreconf -fi).",
            "https://git.savannah.gnu.org/cgit/config.git",
        ),
        rule(
            "library.wheel.no-target",
            "No wheel for the target",
            Layer.LIBRARY,
            Severity.DEGRADES,
            "pip builds from source where there is no wheel.",
            "Build the wheel on the target, or take the distribution's package.",
            "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/",
        ),
        rule(
            "chip.char-sign",
            "The sign of plain char may matter",
            Layer.CHIP,
            Severity.REVIEW,
            "Plain char is unsigned on arm64 and riscv64.",
            "Say signed char, or build with -fsigned-char.",
            "ISO C 6.2.5",
        ),
    )
}


def finding(rule_id: str, path: str, line: int, snippet: str, message: str, **more) -> Finding:
    known = RULES.get(rule_id)
    seed = f"{rule_id}|{path}|{line}|{more.get('salt', '')}"
    more.pop("salt", None)
    values = {
        "id": hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        "rule": rule_id,
        "layer": known.layer if known else Layer.CHIP,
        "severity": known.severity if known else Severity.REVIEW,
        "confidence": 0.9,
        "path": path,
        "line": line,
        "end_line": line,
        "message": message,
        "remedy": known.remedy if known else "Look at it.",
        "effort_hours": Effort(1.0, 2.5, 6.0),
        "snippet": snippet,
    }
    return Finding(**(values | more))


def _found() -> list[Finding]:
    made = []
    for number, name in enumerate(["blend", "convert", "dot", "fft_kernel", "resample", "yuv"]):
        made.append(
            finding(
                "chip.intrinsics.x86",
                f"src/simd/{name}_avx2.c",
                20 + 37 * number,
                f"__m256 v{number} = _mm256_loadu_ps(src + {8 * number});",
                "_mm256_loadu_ps exists only on x86",
                occurrences=3 + number * 5,
                end_line=24 + 37 * number,
                guard="!defined(USE_SCALAR)",
                effort_hours=Effort(2.0, 5.0, 12.0),
            )
        )
    for number, name in enumerate(["arena.c", "mmap_io.c", "ring.h", "shm.c"]):
        made.append(
            finding(
                "chip.page-size.fixed",
                f"src/mem/{name}",
                88 + number,
                "#define PAGE_SIZE 4096",
                "a page of 4096 bytes; loongarch64 uses 16384",
                effort_hours=Effort(0.25, 1.0, 2.0),
            )
        )
    made.append(
        finding(
            "toolchain.config-guess.old",
            "build-aux/config.guess",
            4,
            "timestamp='2018-02-24'",
            "dated 2018-02-24; loongarch64 came in 2021",
            effort_hours=Effort(0.1, 0.25, 1.0),
        )
    )
    for number in range(5):
        made.append(
            finding(
                "chip.char-sign",
                f"src/text/utf{number}.c",
                11 * number + 3,
                "char c = next(); if (c < 0) return -1;",
                "compares a plain char with 0",
                confidence=0.4,
                effort_hours=Effort(0.0, 0.2, 1.0),
            )
        )
    return made


def _total(findings) -> Effort:
    total = Effort()
    for each in findings:
        total += each.effort_hours
    return total.rounded()


def report() -> Report:
    """Return two systems against three targets, with a bit of everything."""
    found = _found()
    loong = tuple(sorted(found, key=lambda f: (f.severity.rank, f.path)))
    arm = tuple(f for f in loong if not f.rule.startswith("toolchain"))
    fails = (
        *(Failure(f.path, (f.id,)) for f in loong if f.rule == "chip.intrinsics.x86"),
        Failure("src/simd/dispatch.c", (loong[1].id,)),
    )
    wheel = finding(
        "library.wheel.no-target",
        "uv.lock",
        412,
        'name = "lightgbm"',
        "lightgbm 4.6.0 has no wheel for linux_loongarch64",
        component="pkg:pypi/lightgbm@4.6.0",
        effort_hours=Effort(2, 6, 16),
    )
    set_aside = Suppressed(
        finding("chip.char-sign", "third_party/miniz.c", 1201, "char *p;", "plain char"),
        "upstream builds with -fsigned-char",
        "duanban.toml",
        "2027-06-30",
    )
    old = Suppressed(
        finding("chip.page-size.fixed", "tests/bench.c", 7, "4096", "a page of 4096 bytes"),
        "in the baseline",
        "baseline",
    )
    objectives = (
        ObjectiveResult("SOV-4", "Operational sovereignty", 15.0, 2, 2, 3, 4),
        ObjectiveResult("SOV-6", "Technology sovereignty", 15.0, 3, 1, 2, 4),
    )
    pixel = SystemReport(
        "pypi:pixelmill==3.2.1",
        "pixelmill",
        "3.2.1",
        Scanned(
            214,
            3_482_114,
            (
                Skipped("fonts/deja.ttf", "binary"),
                Skipped("fonts/deja-bold.ttf", "binary"),
                Skipped("fonts/mono.ttf", "binary"),
                Skipped("data/huge.csv", "larger than 32 MB"),
            ),
        ),
        (Component("pkg:pypi/pixelmill@3.2.1", ComponentState.EMBEDDED, ("x86_64",), "."),),
        (
            TargetResult(
                LOONG,
                Verdict.BLOCKED,
                fails,
                _total(loong),
                loong,
                (
                    UnknownFact(
                        "whether src/jit/emit.c is built when ENABLE_JIT is not set",
                        "name the build options, or run configure on the target",
                    ),
                ),
                (set_aside, old),
                objectives,
            ),
            TargetResult(
                ARM, Verdict.RUNS_AFTER_CHANGES, fails, _total(arm), arm, (), (set_aside,)
            ),
            TargetResult(RISCV, Verdict.BLOCKED, fails, _total(arm), arm, (), (set_aside,)),
        ),
    )
    shop = SystemReport(
        "./webshop",
        "webshop",
        "",
        Scanned(57, 412_800, ()),
        (
            Component("pkg:pypi/lightgbm@4.6.0", ComponentState.LOCKED, (), "uv.lock"),
            Component("pkg:pypi/click@8.4.0", ComponentState.LOCKED, (), "uv.lock"),
        ),
        (
            TargetResult(LOONG, Verdict.RUNS_AFTER_CHANGES, (), wheel.effort_hours, (wheel,)),
            TargetResult(ARM, Verdict.RUNS),
            TargetResult(
                RISCV,
                Verdict.UNKNOWN,
                unknown=(
                    UnknownFact(
                        "which PostgreSQL the application is deployed with",
                        "add the deployment's lock file or image",
                    ),
                ),
            ),
        ),
    )
    return Report(Tool("duanban", "0.1.0"), (pixel, shop))


HOSTILE = (
    "</script><script>document.title='owned'</script>",
    '"><img src=x onerror=document.title="owned">',
    "admin\u202e\u2066 // cilbup\u2069",
    "\x1b]0;owned\x07\x1b[31mred\x9b2J",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)|cmd",
    "[link](javascript:alert(1)) | **b** `code` <b>",
    "zero\u200bwidth\u00ad\ufeff",
    "bytes\udcff\udcfe.c",
    "tab\there\nline\r\n",
    "${name} $name {{name}} %s \\",
    "]]> --> <!-- '",
    "国产化 短板 🛢️ é",
)


def hostile() -> Report:
    """Return a report in which every text is out to do harm."""
    found = tuple(
        finding(
            "chip.intrinsics.x86" if number % 2 else text,
            text,
            number,
            text,
            text,
            remedy=text,
            guard=text,
            component=text,
            salt=str(number),
        )
        for number, text in enumerate(HOSTILE)
    )
    made = report()
    system = replace(
        made.systems[0],
        locator=HOSTILE[0],
        name=HOSTILE[1],
        version=HOSTILE[3],
        scanned=Scanned(9, 9, tuple(Skipped(text, text) for text in HOSTILE)),
        components=tuple(
            Component(text, ComponentState.DECLARED, (text,), text) for text in HOSTILE
        ),
        targets=(
            TargetResult(
                HOSTILE[0],
                Verdict.BLOCKED,
                tuple(Failure(text, (found[0].id,)) for text in HOSTILE),
                Effort(1, 2, 3),
                found,
                tuple(UnknownFact(text, text) for text in HOSTILE),
                tuple(Suppressed(found[0], text, text, text) for text in HOSTILE),
                (ObjectiveResult(HOSTILE[0], HOSTILE[1], 1.0, 1, 0, 1, 4),),
            ),
        ),
    )
    return Report(Tool(HOSTILE[0], HOSTILE[3]), (system,))


def large(count: int, targets: int = 1) -> Report:
    """Return a report of one system with `count` findings in all, over `targets` targets."""
    ids = list(RULES)
    each = count // targets
    names = ["codec", "filter", "kernel/arch", "lib/math", "drivers/net", "tools", "platform"]
    found = []
    for number in range(each):
        path = f"src/{names[number % 7]}/module_{number % 613:03}_{number % 11}.c"
        found.append(
            finding(
                ids[number % len(ids)],
                path,
                number * 7 % 4001 + 1,
                f"__m128i r{number} = _mm_add_epi{8 << number % 4}(src[{number}], m{number % 97});",
                f"_mm_add_epi{8 << number % 4}_{number % 300} exists only on x86",
                occurrences=number % 5 + 1,
                guard="" if number % 3 else f"defined(HAVE_{names[number % 7].upper()})",
                salt=str(number),
            )
        )
    results = tuple(
        TargetResult(target, Verdict.BLOCKED, (), _total(found), tuple(found))
        for target in (LOONG, ARM, RISCV)[:targets]
    )
    system = SystemReport("./big", "big", "1", Scanned(9000, 9**9), (), results)
    return Report(Tool("duanban", "0.1.0"), (system,))
