"""Looking at movements and data sets as science: what is wrong with them, and what is in them."""

from proprionet.inspection.checks import check, warnings
from proprionet.inspection.description import describe

__all__ = ["check", "describe", "warnings"]
