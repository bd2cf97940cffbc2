"""Counts of households, premises and enterprises by division: exposure, never persons."""
