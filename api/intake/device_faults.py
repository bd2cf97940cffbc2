"""Faults of a phone that reports positions."""

from enum import StrEnum


class Fault(StrEnum):
    """Its clock is ahead, or wrong and its times corrected, its positions are made up by a program, or its messages
    cannot be read.
    """

    CLOCK = "clock_wrong"
    CLOCK_CORRECTED = "clock_corrected"
    MOCK = "mock"
    UNREADABLE = "unreadable"
