"""Examples to try strategies on: an input, what is expected, and a name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class DatasetError(SpecError):
    """A dataset cannot be read; the message names the example and what it lacks."""

    code = "experiment-dataset"


@dataclass(frozen=True, slots=True)
class Example:
    """One input, and the output that is expected for it."""

    name: str
    input: dict[str, Any]
    expected: dict[str, Any]
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Named examples, in order."""

    name: str
    examples: tuple[Example, ...]

    def __iter__(self) -> Iterator[Example]:
        return iter(self.examples)

    def __len__(self) -> int:
        return len(self.examples)

    def save(self, path: str | Path) -> None:
        """Write one JSON object a line."""
        lines = [
            json.dumps(
                {"name": e.name, "input": e.input, "expected": e.expected, "metadata": e.metadata},
                ensure_ascii=False,
            )
            for e in self.examples
        ]
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def dataset_from_list(name: str, items: Iterable[Mapping[str, Any]]) -> Dataset:
    """Return a dataset of mappings with `input` and `expected` (or `expected_output`)."""
    return Dataset(name, tuple(_example(n, item) for n, item in enumerate(items, 1)))


def load_dataset(path: str | Path, name: str | None = None) -> Dataset:
    """Read a dataset: JSON lines, a JSON list, or a folder of JSON files, one example each."""
    place = Path(path)
    if place.is_dir():
        files = sorted(place.glob("*.json"))
        items = [{"name": file.stem, **_json(file, file.read_text("utf-8"))} for file in files]
    elif place.suffix == ".jsonl":
        items = [_json(place, x) for x in place.read_text("utf-8").splitlines() if x.strip()]
    else:
        found = _json(place, place.read_text("utf-8"))
        items = found["examples"] if isinstance(found, dict) else found
    return dataset_from_list(name or place.stem, items)


def _json(place: Path, text: str) -> Any:  # noqa: ANN401 - a list or a mapping
    try:
        return json.loads(text)
    except ValueError as wrong:
        raise DatasetError(f"{place}: not JSON: {wrong}", path=str(place)) from wrong


def _example(number: int, item: Mapping[str, Any]) -> Example:
    expected = item.get("expected", item.get("expected_output"))
    if not isinstance(item.get("input"), dict) or not isinstance(expected, dict):
        raise DatasetError(
            f"example {number} needs mappings under 'input' and 'expected'", example=number
        )
    name = str(item.get("name", number))
    return Example(name, dict(item["input"]), expected, dict(item.get("metadata") or {}))
