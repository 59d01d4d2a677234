"""Edge cases of a ruleset, solved for."""
