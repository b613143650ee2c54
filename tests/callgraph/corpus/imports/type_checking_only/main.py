from __future__ import annotations

from typing import TYPE_CHECKING

import service

if TYPE_CHECKING:
    from service import Service


def use(s: Service) -> str:
    return s.call()


use(service.make())
