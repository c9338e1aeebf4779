"""Proof: a patch, or the tree as it is, built and tested for the target in a sandbox."""
