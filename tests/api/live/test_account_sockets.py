"""The sockets of one account are counted and bounded."""

from api.live.account_sockets import AccountSockets


def test_an_account_has_so_many_sockets_and_others_have_theirs() -> None:
    sockets = AccountSockets(2)
    assert [sockets.enter(1) for _ in range(4)] == [True, True, False, False]
    assert sockets.enter(2)
    sockets.leave(1)
    assert [sockets.enter(1), sockets.enter(1)] == [True, False], "one that has left makes room for one"
