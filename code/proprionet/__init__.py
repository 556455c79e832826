"""Task-driven models of proprioception, from handwriting to neurons."""

__version__ = "0.1.0"
