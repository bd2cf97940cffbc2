"""Count the open sockets of each account: thousands of one account would take the memory of all others."""

from collections import Counter


class AccountSockets:
    """Open sockets by account, at most `most` of each."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: Counter[int] = Counter()

    def enter(self, account: int) -> bool:
        """Count one more; False, and not counted, if the account has too many."""
        if self._open[account] >= self.most:
            return False
        self._open[account] += 1
        return True

    def leave(self, account: int) -> None:
        """Count one less, after `enter` has returned True."""
        self._open[account] -= 1
        if not self._open[account]:
            del self._open[account]
