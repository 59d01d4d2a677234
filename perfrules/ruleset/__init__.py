"""Rulesets: what an author writes, and the program it comes to."""
