"""The number systems: what the values of a formula are."""
