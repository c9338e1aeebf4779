"""The preprocessor: which lines are compiled on a target."""
