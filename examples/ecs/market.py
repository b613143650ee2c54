"""A market of traders who know nothing (Gode and Sunder 1993): prices find the crossing.

    python examples/ecs/market.py [plot.svg]

Every tick is a trading day. Buyers know what the good is worth to them, sellers what it costs
them; in random order each calls a price at which they would not lose. Whoever meets a standing
call trades at its price. Calls depend on those before, so the traders take turns.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import World, component, in_turn, processor, random_order

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit

TRADERS, ROUNDS = 200, 10


@component
class Trader:
    """A buyer or a seller, their limit, and the price of the day (none: no trade)."""

    buys: bool
    limit: float
    price: float | None = None
    gained: float = 0.0


def call(me, buys, limit, price, bid, ask, chance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - arrays, compiled by their types
    """Call a price; meet the best call of the other side, or become the best of one's own.

    `bid` and `ask` hold who stands and at which price.
    """
    if not np.isnan(price[me]):
        return
    mine, other = (bid, ask) if buys[me] else (ask, bid)
    way = 1.0 if buys[me] else -1.0
    called = (
        chance.random() * limit[me] if buys[me] else limit[me] + chance.random() * (1 - limit[me])
    )
    if other[0] >= 0 and (called - other[1]) * way >= 0:
        price[me] = price[int(other[0])] = other[1]
        bid[0] = ask[0] = -1.0
    elif mine[0] < 0 or (called - mine[1]) * way > 0:
        mine[0], mine[1] = me, called


@processor(writes=(Trader,))
def trade(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Trade for a day."""
    buys, limit = cols.trader__buys, cols.trader__limit
    price, bid, ask = np.full(cols.rows, np.nan), np.array([-1.0, 0.0]), np.array([-1.0, 0.0])
    for _ in range(ROUNDS):
        order = random_order(visit.chance, cols.rows)
        in_turn(call, order, buys, limit, price, bid, ask, visit.chance)
    gain = np.nan_to_num(np.where(buys, limit - price, price - limit))
    return {"trader__price": price, "trader__gained": cols.trader__gained + gain}


def build(seed: int = 1) -> World:
    """Bring together buyers and sellers whose limits lie anywhere from 0 to 1."""
    world = World(components=[Trader], processors=[trade], seed=seed)
    limits = np.random.default_rng(seed).random(TRADERS)
    world.spawn_batch({"trader__buys": np.arange(TRADERS) % 2 == 0, "trader__limit": limits})
    return world


def most_to_gain(world: World) -> float:
    """Give what a day is worth when everybody who should trades: the area between the curves."""
    columns = world.tables["trader",].columns
    limit, buys = columns["trader__limit"], columns["trader__buys"]
    worth, cost = np.sort(limit[buys])[::-1], np.sort(limit[~buys])
    return float(np.maximum(worth - cost, 0).sum())


def main(plot: str = "", days: int = 30) -> None:
    """Trade, and compare with what the curves say."""
    with build() as world:
        world.run(days + 1)
        columns = world.tables["trader",].columns
        share = columns["trader__gained"].sum() / (days * most_to_gain(world))
        worth = np.sort(columns["trader__limit"][columns["trader__buys"]])[::-1]
        cost = np.sort(columns["trader__limit"][~columns["trader__buys"]])
        crossing = int((worth > cost).sum())
        between = (worth[crossing - 1] + cost[crossing - 1]) / 2
        prices = world.sql(
            "select tick, avg(trader__price) as price, count(trader__price) / 2 as trades "
            "from trader where tick > 1 group by tick order by tick"
        )
        mean = float(np.mean(prices["price"].to_pylist()))
        print(f"the curves cross at {between:.3f} with {crossing} trades a day")
        trades = np.mean(prices["trades"].to_pylist())
        print(f"{days} days: mean price {mean:.3f}, {trades:.1f} trades")
        print(f"{share:.1%} of all there is to gain was gained")
        chart = world.plot("avg(trader__price)", "min(trader__price)", "max(trader__price)",
                           ticks=range(2, days + 2), title="prices by day")  # fmt: skip
        print(chart.save(plot) if plot else chart)


if __name__ == "__main__":
    main(*sys.argv[1:2])
