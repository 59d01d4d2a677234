"""Live workbooks: an evaluation as an Excel workbook whose cells calculate."""
