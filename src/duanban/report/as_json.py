"""The report as JSON, schema `duanban.report/1` (`report.schema.json`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duanban.model import SCHEMA, Report
from duanban.model.errors import ConfigError
from duanban.report.interface import Options


@dataclass(frozen=True, slots=True)
class Json:
    """Everything the report holds, under the names of the model's fields."""

    name: str = "json"
    suffixes: tuple[str, ...] = (".json",)

    def render(self, report: Report, options: Options) -> str:
        """Return the report as indented JSON with a final newline, `schema` first."""
        import msgspec  # noqa: PLC0415 - only when used

        ordered = {"schema": report.schema, "tool": report.tool, "systems": report.systems}
        try:
            packed = msgspec.json.encode(ordered)
        except UnicodeEncodeError:
            # A file name with bytes that are not UTF-8 got here undecoded; JSON cannot hold it.
            packed = msgspec.json.encode(without_surrogates(msgspec.to_builtins(ordered)))
        return msgspec.json.format(packed, indent=1).decode() + "\n"


def decode(text: str | bytes, name: str = "report") -> Report:
    """Read a report that `Json` wrote.

    Args:
        text: the JSON.
        name: what to call it in the error.

    Raises:
        ConfigError: it is not JSON, or not a report of this schema; says where.
    """
    import msgspec  # noqa: PLC0415 - only when used

    try:
        report = msgspec.json.decode(text, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is not a report of duanban: {error}") from error
    if report.schema != SCHEMA:
        raise ConfigError(f"{name}: schema {report.schema!r} is not {SCHEMA!r}")
    return report


def without_surrogates(value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    r"""Return `value` with undecodable bytes in its strings written as `\\xNN`."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if isinstance(value, dict):
        return {key: without_surrogates(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_surrogates(each) for each in value]
    return value
