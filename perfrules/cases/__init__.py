"""A ruleset's own cases: run, what they cover, edges generated for them, changes that they notice."""
