"""Filled forms: read as people file them, laid on a framework, derived again, and what does not follow."""
