"""One module per fixer."""
