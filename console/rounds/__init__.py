"""Rounds 巡查: routes of a grid, how each point was reported, and what was left out; and visits 走访 by count."""
