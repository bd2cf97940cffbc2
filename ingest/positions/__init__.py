"""Positions 位置上报: positions of phones and devices, in three formats."""
