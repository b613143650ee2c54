"""Quotas: how many commands an actor may queue for a tick, how many units it may use in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from codeanatomy.ecs.runtime.errors import QuotaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.runtime.book import Book


@dataclass(frozen=True)
class Quotas:
    """The bounds; a day is one of UTC, a tick the one a command is due at."""

    commands_per_tick: int = 500
    units_per_day: int = 200_000


class Charges:
    """What actors have used of their quotas, in the book."""

    def __init__(self, book: Book, quotas: Quotas) -> None:
        self._book = book
        self.quotas = quotas

    def used(self, actor: str, moment: float) -> int:
        """Give the units an actor has used on the day of `moment` (seconds since 1970)."""
        sql = "select units from charges where actor = ? and day = ?"
        rows = self._book.rows(sql, (actor, day_of(moment)))
        return cast("int", rows[0][0]) if rows else 0

    def charge(self, actor: str, units: int, moment: float) -> None:
        """Charge units, or raise `QuotaError` and charge nothing."""
        most = self.quotas.units_per_day
        with self._book.whole():
            used = self.used(actor, moment)
            if used + units > most:
                raise QuotaError(
                    f"{actor} has used {used:,} of {most:,} units today and this costs {units:,}; "
                    "the count begins again at midnight UTC",
                    actor=actor, used=used, units=units, quota=most,
                )  # fmt: skip
            self._book.write(
                "insert into charges values (?, ?, ?) "
                "on conflict (actor, day) do update set units = units + excluded.units",
                (actor, day_of(moment), units),
            )

    def check_commands(self, actor: str, world_id: str, asked: Mapping[int, int]) -> None:
        """Refuse commands, counted by the tick they are due at, beyond the quota of a tick."""
        most = self.quotas.commands_per_tick
        for tick, count in asked.items():
            sql = (
                "select count(*) from ledger where world_id = ? and actor = ? and tick = ? "
                "and state != 'rejected'"
            )
            used = cast("int", self._book.rows(sql, (world_id, actor, tick))[0][0])
            if used + count > most:
                raise QuotaError(
                    f"{actor} has {used} commands for tick {tick} and asks for {count} more; the "
                    f"quota is {most} a tick, and one command may carry many entities",
                    actor=actor, tick=tick, used=used, asked=count, quota=most,
                )  # fmt: skip


def day_of(moment: float) -> str:
    """Give the UTC day of a moment, as 2026-01-31."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
