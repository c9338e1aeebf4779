"""What a check found, as text: terminal, JSON, SARIF, Markdown, CSV and HTML (docs/reports.md)."""

from duanban.report.interface import Format, Options
from duanban.report.registry import format_for, formats

__all__ = ["Format", "Options", "format_for", "formats"]
