"""A run that is killed goes on at the step it died in, and pays once.

python durable.py          the first time it kills itself after paying
python durable.py          the second time it goes on
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from codeanatomy.workflow import END, START, StateGraph, effect, open_journal

State = dict[str, Any]
PAYMENTS = Path("payments.txt")


def order(state: State) -> State:
    """Compute what is to be paid."""
    print("order", flush=True)
    return {"amount": state["price"] * state["count"]}


def pay(state: State) -> State:
    """Pay, and the first time die before anybody hears of it."""
    receipt = effect("pay", lambda: charge(state["amount"]))
    if "--die" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"receipt": receipt}


def charge(amount: int) -> str:
    """Write a line for every payment, so that they can be counted."""
    print(f"pay {amount}", flush=True)
    with PAYMENTS.open("a", encoding="utf-8") as file:
        file.write(f"{amount}\n")
    return f"receipt {len(PAYMENTS.read_text('utf-8').splitlines())}"


def ship(state: State) -> State:
    """Send it."""
    print("ship", flush=True)
    return {"parcel": f"for {state['receipt']}"}


def shop() -> StateGraph:
    """Put the nodes in a row, on a journal."""
    graph = StateGraph({"amount": int, "receipt": str, "parcel": str})
    for node in (order, pay, ship):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "order")
    graph.add_edge("order", "pay")
    graph.add_edge("pay", "ship")
    graph.add_edge("ship", END)
    return graph.compile(journal=open_journal("shop.db"))


if __name__ == "__main__":
    for event in shop().invoke({"price": 3, "count": 2}, {"thread_id": "order-7"}):
        print(event["type"], event["state"])
