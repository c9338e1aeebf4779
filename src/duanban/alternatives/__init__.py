"""Parts that hold a system to a platform or a maker, and what can stand in for them."""

from duanban.alternatives.interface import Alternative, Catalogue, Part, Use
from duanban.alternatives.loader import load_catalogue
from duanban.alternatives.match import alternatives_for

__all__ = ["Alternative", "Catalogue", "Part", "Use", "alternatives_for", "load_catalogue"]
