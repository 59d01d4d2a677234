"""Evaluations: what a submission gets."""
