"""SARIF 2.1.0, one run per system and target.

The OASIS Standard "Static Analysis Results Interchange Format"; section numbers are its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from duanban.model import (
    Effort,
    Finding,
    Report,
    Severity,
    Suppressed,
    SystemReport,
    TargetResult,
    Tool,
)
from duanban.report.interface import Options
from duanban.report.text import visible

if TYPE_CHECKING:
    from duanban.rules.interface import Rule

VERSION = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "duanbanFindingId/v1"
LEVELS = {Severity.BLOCKS: "error", Severity.DEGRADES: "warning", Severity.REVIEW: "note"}
_ROOT = "SRCROOT"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sarif:
    """For code scanning pages and editors; suppressed findings are in it, marked as such."""

    name: str = "sarif"
    suffixes: tuple[str, ...] = (".sarif", ".sarif.json")

    def render(self, report: Report, options: Options) -> str:
        """Return the log as indented JSON."""
        import msgspec  # noqa: PLC0415 - only when used

        log = {
            "$schema": SCHEMA,
            "version": VERSION,
            "runs": [
                _run(report.tool, system, result, options)
                for system in report.systems
                for result in system.targets
            ],
        }
        return msgspec.json.format(msgspec.json.encode(log), indent=1).decode() + "\n"


def _run(tool: Tool, system: SystemReport, result: TargetResult, options: Options) -> Json:
    aside = [each.finding for each in result.suppressed]
    rules = sorted({finding.rule: finding for finding in [*aside, *result.findings]}.items())
    index = {rule: number for number, (rule, _) in enumerate(rules)}
    driver = {
        "name": visible(tool.name),
        "version": visible(tool.version),
        "rules": [_rule(finding, options.rules.get(rule)) for rule, finding in rules],
    }
    return {
        "tool": {"driver": driver},
        # 3.17.3: the part after the last slash would name one run; it is empty, so that runs of
        # the same system and target belong together.
        "automationDetails": {"id": visible(f"{tool.name}/{system.name}/{result.target}/")},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": f"The root of {visible(system.locator)}"}}
        },
        "invocations": [{"executionSuccessful": True, **_notifications(system, result)}],
        "results": list(_results(result, index)),
        "properties": {
            "system": visible(system.name),
            "systemVersion": visible(system.version),
            "locator": visible(system.locator),
            "target": visible(result.target),
            "verdict": result.verdict.value,
            "effortHours": _effort(result.effort_hours),
        },
    }


def _rule(finding: Finding, rule: Rule | None) -> Json:
    remedy = rule.remedy if rule else visible(finding.remedy)
    text = "\n\n".join(part for part in (rule.why if rule else "", remedy) if part)
    severity = rule.severity if rule else finding.severity
    made: Json = {
        "id": visible(finding.rule),
        "shortDescription": {"text": visible(rule.title if rule else finding.message) or "–"},
        "help": {"text": text or "–"},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {"tags": [finding.layer.value, "portability"]},
    }
    if rule:
        made["fullDescription"] = {"text": rule.why}
        made["properties"]["sources"] = list(rule.sources)
        link = next((each for each in rule.sources if each.startswith("https://")), "")
        if link and " " not in link:
            made["helpUri"] = link
    return made


def _results(result: TargetResult, index: dict[str, int]) -> Iterator[Json]:
    # 3.27.23, 3.27.24: either every result of a run says how it stands, or none does.
    from_baseline = [each for each in result.suppressed if each.source == "baseline"]
    set_aside = [each for each in result.suppressed if each.source != "baseline"]
    for finding, suppressed in [
        *((finding, None) for finding in result.findings if finding.counts),
        *((each.finding, each) for each in [*from_baseline, *set_aside]),
    ]:
        made = _result(finding, result.target, index)
        if parts := [one for one in result.findings if one.part_of == finding.id]:
            made["relatedLocations"] = [_location(part) for part in parts]
        if from_baseline:
            known = suppressed is not None and suppressed.source == "baseline"
            made["baselineState"] = "unchanged" if known else "new"
        if set_aside:
            made["suppressions"] = list(_suppressions(suppressed))
        yield made


def _suppressions(suppressed: Suppressed | None) -> Iterator[Json]:
    if suppressed is not None and suppressed.source != "baseline":
        reason = visible(suppressed.reason)
        until = f" (until {visible(suppressed.expires)})" if suppressed.expires else ""
        yield {
            "kind": "external",
            "status": "accepted",
            "justification": f"{reason}{until}",
            "properties": {"source": visible(suppressed.source)},
        }


def _location(finding: Finding) -> Json:
    physical: Json = {"artifactLocation": {"uri": uri(finding.path), "uriBaseId": _ROOT}}
    if finding.line > 0:
        physical["region"] = {
            "startLine": finding.line,
            "endLine": max(finding.line, finding.end_line),
        }
        if finding.snippet:
            physical["region"]["snippet"] = {"text": visible(finding.snippet)}
    return {"physicalLocation": physical}


def _result(finding: Finding, target: str, index: dict[str, int]) -> Json:
    return {
        "ruleId": visible(finding.rule),
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": visible(finding.message) or "–"},
        "locations": [_location(finding)],
        "occurrenceCount": max(finding.occurrences, 1),
        "partialFingerprints": {FINGERPRINT: finding.id},
        "rank": round(100 * finding.confidence, 2),
        "properties": {
            "target": visible(target),
            "layer": finding.layer.value,
            "severity": finding.severity.value,
            "confidence": finding.confidence,
            "remedy": visible(finding.remedy),
            "effortHours": _effort(finding.effort_hours),
            "guard": visible(finding.guard),
            "component": visible(finding.component),
        },
    }


def _notifications(system: SystemReport, result: TargetResult) -> Json:
    """Return what was not read and what is not known as notifications of the tool (3.20.21)."""
    skipped: Iterable[Json] = (
        {
            "level": "note",
            "message": {"text": f"not read: {visible(each.reason)}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": uri(each.path), "uriBaseId": _ROOT}
                    }
                }
            ],
        }
        for each in system.scanned.skipped
    )
    unknown: Iterable[Json] = (
        {
            "level": "warning",
            "message": {"text": f"not known: {visible(each.fact)}; {visible(each.how)}"},
        }
        for each in result.unknown
    )
    return {"toolExecutionNotifications": [*unknown, *skipped]}


def _effort(effort: Effort) -> Json:
    return {"low": effort.low, "likely": effort.likely, "high": effort.high}


def uri(path: str) -> str:
    """Return `path` as a relative URI reference (RFC 3986), its bytes as they are on disk."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    return quote(raw)
