"""A chart: a figure that can be drawn, and saved as its ending says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.ecs.chart.figure import Figure
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable


class Chart(Figure):
    """A figure with its ways of being seen; notebooks show it as SVG, `print` as text."""

    def svg(self, width: int = 720, height: int = 400) -> str:
        """Draw it as SVG of so many pixels."""
        from codeanatomy.ecs.chart.svg import svg  # noqa: PLC0415 - only when drawn so

        return svg(self, width, height)

    def text(self, width: int = 72, height: int = 16) -> str:
        """Draw it for a terminal of so many columns and lines, without colours."""
        from codeanatomy.ecs.chart.terminal import text  # noqa: PLC0415 - only when drawn so

        return text(self, width, height)

    def png(self, width: int = 720, height: int = 400) -> bytes:
        """Draw it as PNG; raises `MissingPartError` without matplotlib."""
        from codeanatomy.ecs.chart.png import png  # noqa: PLC0415 - only when drawn so

        return png(self, width, height)

    def save(self, path: str | Path) -> Path:
        """Write it as the ending says: .svg, .png or .txt."""
        place = Path(path)
        drawn: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg().encode(),
            ".png": self.png,
            ".txt": lambda: self.text().encode(),
        }
        if place.suffix.lower() not in drawn:
            raise SpecError(
                f"a chart is saved as {', '.join(drawn)}, not as {place.suffix or place.name!r}",
                path=str(place),
            )
        place.write_bytes(drawn[place.suffix.lower()]())
        return place

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        return self.text()
