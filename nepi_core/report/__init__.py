"""The report of a run: one page, ``report.html``, that holds all that a reader needs to judge its results."""

from nepi_core.report.page import REPORT_NAME, write_report

__all__ = ["REPORT_NAME", "write_report"]
