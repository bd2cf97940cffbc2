"""How far the clocks of other machines may be from ours."""

from datetime import timedelta

CLOCKS_DIFFER = timedelta(minutes=2)
"""What a device or a source dates further ahead has a wrong clock."""
