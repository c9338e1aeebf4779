"""The measures of the benchmark for one tool, as rows of a table."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import places
from judgements import DEBIAN, Judgement
from metrics import (
    Counts,
    Interval,
    auc,
    bootstrap,
    by_package,
    count,
    macro,
    mean,
    ratio,
    spearman,
)
from patches import read_lines
from places import File, Place, thin
from truth import FileTruth, PackageTruth, PatchSize

Judgements = Mapping[tuple[str, str], Judgement]
"""By package and machine."""

SILENT = Judgement()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    measure: str
    value: str
    basis: str
    """What it was computed from: how many of what."""


def show(value: float, interval: Interval | None = None) -> str:
    """Return a number with its interval, as the table shows it."""
    if math.isnan(value):
        return "–"
    if interval is None or math.isnan(interval.low):
        return f"{value:.2f}"
    return f"{value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def file_rows(truth: Sequence[FileTruth], tool: Judgements) -> list[Row]:
    """Score predicted failures of files against the compiler's word."""
    rows = []
    for machine in DEBIAN.values():
        mine = [one for one in truth if one.machine == machine and (one.package, machine) in tool]
        groups = by_package(mine, lambda one: one.package)
        counts = [
            count((one.fails, one.path in tool[package, machine].fails) for one in files)
            for package, files in groups.items()
        ]
        total = sum(counts, Counts())
        means = macro(counts)
        basis = f"{len(mine)} files, {total.tp + total.fn} fail, {total.tp + total.fp} predicted"
        rows += [
            Row(f"files, {machine}: precision / recall", _pair(counts, _total), basis),
            Row(
                f"files, {machine}: mean per package",
                _pair(counts, _means),
                f"{means.predicting} packages with a prediction / {means.positive} with a failure",
            ),
        ]
    return rows


def _pair(counts: Sequence[Counts], both: object) -> str:
    parts = []
    for index in (0, 1):

        def statistic(drawn: Sequence[Sequence[Counts]], index: int = index) -> float:
            return both(drawn[0])[index]  # type: ignore[operator, no-any-return]

        parts.append(show(statistic([counts]), bootstrap([counts], statistic)))
    return " / ".join(parts)


def _total(counts: Sequence[Counts]) -> tuple[float, float]:
    total = sum(counts, Counts())
    return total.precision, total.recall


def _means(counts: Sequence[Counts]) -> tuple[float, float]:
    means = macro(counts)
    return means.precision, means.recall


def write_file_errors(truth: Sequence[FileTruth], tool: Judgements, path: Path) -> None:
    """Write every false negative and false positive with the compiler's cause or our rules."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("kind", "package", "path", "machine", "cause", "error", "note", "rules"))
        for one in truth:
            judged = tool.get((one.package, one.machine))
            if judged is None or one.fails == (one.path in judged.fails):
                continue
            kind = "missed" if one.fails else "false alarm"
            rules = judged.because.get(one.path, "")
            place = (one.package, one.path, one.machine)
            writer.writerow((kind, *place, one.cause, one.error, one.note, rules))


def package_rows(truth: Sequence[PackageTruth], tool: Judgements) -> list[Row]:
    """Score how well non-portable packages are told from portable ones."""
    rows = []
    names = next(iter(tool.values())).scores if tool else {}
    for machine in DEBIAN.values():
        sides = {
            label: [
                tool[one.package, machine]
                for one in truth
                if one.machine == machine and one.label == label and (one.package, machine) in tool
            ]
            for label in ("nonportable-code", "portable", "portable-hard")
        }
        for against in ("portable", "portable-hard"):
            groups = [sides["nonportable-code"], sides[against]]
            basis = f"{len(groups[0])} non-portable, {len(groups[1])} {against}"
            for name in names:

                def statistic(drawn: Sequence[Sequence[Judgement]], name: str = name) -> float:
                    return auc(*([one.scores[name] for one in side] for side in drawn))

                value = show(statistic(groups), bootstrap(groups, statistic))
                rows.append(Row(f"AUC against {against}, {machine}: {name}", value, basis))
        hard = sides["portable-hard"]
        for verdict in ("blocked", "runs-after-changes", "runs", "unknown"):
            share = ratio(sum(one.verdict == verdict for one in hard), len(hard))
            code = sides["nonportable-code"]
            other = ratio(sum(one.verdict == verdict for one in code), len(code))
            rows.append(
                Row(
                    f"{verdict}, {machine}: portable-hard / nonportable-code",
                    f"{show(share)} / {show(other)}",
                    f"{len(hard)} / {len(code)} packages",
                )
            )
    return rows


def place_rows(truth: Sequence[Place], tool: Judgements, trees: Path) -> list[Row]:
    """Score flagged lines against the places that porters changed, and against chance."""
    mine = [one for one in truth if any((one.package, m) in tool for m in _machines(one))]
    files = sorted({one.file for one in mine})
    lengths = {file: len(read_lines(trees / file[0] / file[2])) for file in files}
    ranked: dict[File, dict[int, float]] = {file: {} for file in files}
    for one in mine:
        for machine in _machines(one):
            lines = tool.get((one.package, machine), SILENT).lines.get(one.path, {})
            for line, weight in lines.items():
                ranked[one.file][line] = max(weight, ranked[one.file].get(line, 0.0))
    rows = []
    flagged = {file: set(lines) for file, lines in ranked.items()}
    thinned = thin(ranked, files, lengths)
    for name, chosen in (
        ("all flagged lines", flagged),
        ("the heaviest, at most 5 per 1,000", thinned),
    ):
        result = places.score(mine, chosen, lengths)
        groups = [list(by_package(mine, lambda one: one.package).values())]

        def statistic(
            drawn: Sequence[Sequence[list[Place]]], chosen: dict[File, set[int]] = chosen
        ) -> float:
            every = [one for package in drawn[0] for one in package]
            return ratio(
                sum(places.is_near(p, chosen.get(p.file, set())) for p in every), len(every)
            )

        per_package = mean([statistic([[group]]) for group in groups[0]])
        rows += [
            Row(
                f"places found, {name}",
                show(result.share, bootstrap(groups, statistic)),
                f"{result.found} of {result.places} places in {len(groups[0])} packages, "
                f"{result.density:.1f} flagged lines per 1,000; mean per package {per_package:.2f}",
            ),
            Row(
                f"the same by as many random lines, {name}",
                show(result.chance, Interval(result.chance_low, result.chance_high)),
                f"{places.DRAWS} draws; gain {100 * (result.share - result.chance):.0f} points",
            ),
        ]
    hit = sum(
        any(
            (one.package, m) in tool and one.path in tool[one.package, m].lines
            for m in _machines(one)
        )
        for one in mine
    )
    rows.append(
        Row(
            "places in a file that is flagged at all",
            show(ratio(hit, len(mine))),
            f"{hit} of {len(mine)}",
        )
    )
    return rows


def _machines(place: Place) -> list[str]:
    return [DEBIAN[part] for part in place.arch.split("+") if part in DEBIAN] or list(
        DEBIAN.values()
    )


def write_place_errors(truth: Sequence[Place], tool: Judgements, path: Path) -> None:
    """Write every place with whether a flagged line is near."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("found", "package", "arch", "path", "start", "end", "flagged"))
        for one in truth:
            lines: set[int] = set()
            for machine in _machines(one):
                lines |= set(tool.get((one.package, machine), SILENT).lines.get(one.path, {}))
            near = int(places.is_near(one, lines))
            shown = " ".join(map(str, sorted(lines)))
            writer.writerow((near, one.package, one.arch, one.path, one.start, one.end, shown))


def effort_rows(truth: Sequence[PatchSize], tool: Judgements) -> list[Row]:
    """Correlate the likely effort with the size of the porting patches, a package one point."""
    pairs = []
    for sizes in by_package(truth, lambda one: one.package).values():
        efforts = [
            (judged.effort, one.lines)
            for one in sizes
            if (judged := tool.get((one.package, one.machine))) and judged.effort is not None
        ]
        if efforts:
            pairs.append((mean([e for e, _ in efforts]), mean([float(n) for _, n in efforts])))

    def statistic(drawn: Sequence[Sequence[tuple[float, float]]]) -> float:
        return spearman([e for e, _ in drawn[0]], [n for _, n in drawn[0]])

    value = show(statistic([pairs]), bootstrap([pairs], statistic)) if pairs else "–"
    zero = sum(effort == 0 for effort, _ in pairs)
    basis = f"{len(pairs)} packages, {zero} with no effort predicted"
    return [Row("Spearman, effort against lines changed by porters", value, basis)]
