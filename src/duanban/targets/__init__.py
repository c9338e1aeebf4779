"""Targets: the stacks that systems are to stand on, and the facts about architectures."""
