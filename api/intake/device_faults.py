"""Faults of a phone that reports positions."""

from enum import StrEnum


class Fault(StrEnum):
    """Its clock is ahead, its positions are made up by a program, or its messages cannot be read."""

    CLOCK = "clock_wrong"
    MOCK = "mock"
    UNREADABLE = "unreadable"
