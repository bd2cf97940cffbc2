"""Tolerance for the clocks of other machines."""

from datetime import timedelta

CLOCKS_DIFFER = timedelta(minutes=2)
"""Times of a device or a source further in the future come from a wrong clock."""
