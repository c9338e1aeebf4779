"""Whole translation units: a file with all that it includes, as the target's compiler sees them."""
