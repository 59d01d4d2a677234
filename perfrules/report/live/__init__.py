"""Live workbooks: an evaluation as an Excel workbook whose cells calculate."""

from perfrules.report.live.book import live_workbook

__all__ = ["live_workbook"]
