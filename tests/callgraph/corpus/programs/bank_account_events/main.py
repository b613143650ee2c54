from typing import Callable

Listener = Callable[["Account", int], None]


class Account:
    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.balance = 0
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def deposit(self, amount: int) -> None:
        self.balance += amount
        self._notify(amount)

    def _notify(self, amount: int) -> None:
        for listener in self._listeners:
            listener(self, amount)


class Statement:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def record(self, account: Account, amount: int) -> None:
        self.lines.append(format_line(account.owner, amount))


def format_line(owner: str, amount: int) -> str:
    return f"{owner}: {amount}"


account = Account("ann")
statement = Statement()
account.subscribe(statement.record)
account.subscribe(lambda a, n: format_line(a.owner, n))
account.deposit(5)
