"""The spreadsheet number system: every value is the text of a formula."""
