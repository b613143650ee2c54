"""The gate: every call of an actor is checked against role and quota, charged, and audited."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from codeanatomy.ecs.runtime.errors import QuotaError, RoleError
from codeanatomy.ecs.runtime.operation import operation_of
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.ecs.runtime.audit import Audit, Outcome
    from codeanatomy.ecs.runtime.quota import Charges
    from codeanatomy.ecs.runtime.role import Actor


class Call:
    """One call on its way through the gate: what the audit will say of it."""

    def __init__(self, actor: Actor, operation: str, world: str, charges: Charges) -> None:
        self.actor = actor
        self.operation = operation_of(operation)
        self.world = world
        self.world_id = ""
        self.tick: int | None = None
        self.commands = 0
        self.units = 0
        self._charges = charges

    def about(self, world_id: str, tick: int) -> None:
        """Say which world is meant, at which tick."""
        self.world_id, self.tick = world_id, tick

    def charge(self, moment: float, units: int | None = None) -> None:
        """Charge the call, or refuse it."""
        price = self.operation.units if units is None else units
        self._charges.charge(self.actor.name, price, moment)
        self.units += price


class Gate:
    """Lets calls through; one audit row each, whatever becomes of it."""

    def __init__(self, charges: Charges, audit: Audit, clock: Callable[[], float]) -> None:
        self.charges = charges
        self.audit = audit
        self.clock = clock

    @contextmanager
    def call(self, actor: Actor, operation: str, world: str = "") -> Iterator[Call]:
        """Check the role, do what stands inside, and write the audit row."""
        call = Call(actor, operation, world, self.charges)
        outcome: Outcome = "done"
        code = ""
        try:
            check_role(actor, operation)
            yield call
        except BaseException as error:
            outcome = "denied" if isinstance(error, RoleError | QuotaError) else "failed"
            code = error.code if isinstance(error, AnatomyError) else type(error).__name__
            raise
        finally:
            self.audit.append(
                actor, operation, self.clock(), world=call.world, world_id=call.world_id,
                tick=call.tick, commands=call.commands, units=call.units, outcome=outcome,
                code=code,
            )  # fmt: skip


def check_role(actor: Actor, operation: str) -> None:
    """Refuse an operation that the actor's role has no right to."""
    needed = operation_of(operation).role
    if actor.role < needed:
        raise RoleError(
            f"{actor.name} is a {actor.role.title}, and {operation} needs the role {needed.title}",
            actor=actor.name, role=actor.role.title, needed=needed.title, operation=operation,
        )  # fmt: skip
