"""Indicators 指标: rates, counts and times of cases, as the pack defines them, each with the cases behind it."""
