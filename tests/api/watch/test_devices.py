"""Faults of phones by force: several in a row, until a good position."""

from api.intake.device_faults import Fault
from api.watch.devices import FAULTY_FROM, MOST_LISTED, SILENT_SECONDS, Devices, DeviceState
from tests.api.watch.test_senders import Watch


def test_a_fault_counts_in_a_row_and_ends_with_a_good_position() -> None:
    devices = Devices(Watch())
    for _ in range(FAULTY_FROM - 1):
        devices.record("g1", Fault.CLOCK, amount=28_800)
    assert [*devices.states()] == []
    devices.record("g1", Fault.CLOCK, amount=28_801)
    assert [*devices.states()] == [DeviceState("g1", Fault.CLOCK, 28_801)]
    devices.record("g1", Fault.UNREADABLE)
    assert [state.fault for state in devices.states()] == [Fault.CLOCK]
    devices.record("g1", None)
    assert [*devices.states()] == []


def test_a_fault_that_is_not_repeated_is_forgotten_and_the_list_is_bounded() -> None:
    watch = Watch()
    devices = Devices(watch)
    for force in range(50):
        for _ in range(FAULTY_FROM):
            devices.record(f"g{force}", Fault.MOCK)
    assert len([*devices.states()]) == MOST_LISTED
    watch.passed += SILENT_SECONDS + 1
    assert [*devices.states()] == []
