"""The columns number system: a formula for every row of a frame at once."""
