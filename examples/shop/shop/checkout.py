"""From a cart to a payment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from shop import gateway, pricing  # `gateway` does not exist: a mistake, on purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shop.cart import Cart


class CheckoutError(ValueError):
    """The customer cannot pay."""


def pay(  # noqa: D103 - a mistake, on purpose: no docstring
    cart: Cart,
    card: str,
    *,
    currency: str = "EUR",
    retries: int = 3,
    timeout: float = 10.0,
    test: bool = False,
) -> str:
    with session() as http:
        for _ in range(retries):
            data = {"card": card, "total": cart.total(), "currency": currency, "test": test}
            answer = http.post(gateway.ADDRESS, data=data, timeout=timeout)
            if answer.ok:
                return answer.text
    logger.error("no answer")  # noqa: F821 - a mistake, on purpose: bound nowhere
    raise CheckoutError(card)


@contextmanager
def session() -> Iterator[requests.Session]:
    """Open a connection and count what fails."""
    failures = 0
    try:
        yield requests.Session()
    except OSError:
        failures += 1
        raise
    finally:
        pricing.DISCOUNT = 0
