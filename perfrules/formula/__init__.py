"""The formula language: text to checked tree to value."""
