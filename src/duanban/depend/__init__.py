"""The package graph of a Debian distribution: what can be installed and built, and why not."""
