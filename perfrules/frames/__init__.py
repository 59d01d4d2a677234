"""Whole frames of submissions: the same scores as one by one, a row a submission, on the engine underneath."""
