"""Duanban (短板): find the short staves of a software stack, and what frees it from them."""

__version__ = "0.1.0"
