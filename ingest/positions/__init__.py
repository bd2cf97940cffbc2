"""Positions 位置上报: where phones and devices say they are, in three dialects."""
