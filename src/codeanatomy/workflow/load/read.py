"""Reads YAML as plain data: no types of Python, no bombs, no key twice; every error has a place."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import yaml

from codeanatomy.workflow.load.document import Document
from codeanatomy.workflow.load.errors import (
    OutsideRootError,
    YamlDuplicateKeyError,
    YamlError,
    YamlLimitError,
    YamlTagError,
)
from codeanatomy.workflow.load.scalars import loader, plain_value, shown_key, tagged_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_ALIASED: Final = 100_000  # values that aliases stand for, counted as often as they are used

_MERGE: Final = object()
_SEQUENCES = frozenset({None, "!", "tag:yaml.org,2002:seq"})
_MAPPINGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:set"})


def read_yaml(source: Path | str, *, file: str | None = None, root: Path | None = None) -> Document:
    """Read a file (a Path) or a text (a str); with `root`, only a file below it.

    Raises YamlError and its kinds, OutsideRootError, and what opening a file raises.
    """
    if isinstance(source, Path):
        text, name = _file_text(source, root), file or str(source)
    else:
        text, name = source, file or "<yaml>"
    if len(text) > MAX_BYTES:
        message = f"a text of {len(text)} characters is longer than {MAX_BYTES}"
        raise _error(YamlLimitError, name, message)
    return Document(_Reader(name).read(text), name, text)


class _Frame:
    """A mapping or a sequence that is being read."""

    __slots__ = ("anchor", "count", "key", "lines", "merged", "value")

    def __init__(self, value: Any, anchor: str | None, count: int) -> None:  # noqa: ANN401 - a container
        self.value, self.anchor, self.count = value, anchor, count
        self.key: Any = _NO_KEY
        self.lines: dict[Any, Any] = {}
        self.merged: list[dict[Any, Any]] = []


_NO_KEY: Final = object()


class _Reader:
    """One pass over the events of a text; `count` is of values, those of aliases included."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: list[_Frame] = []
        self._count = 0
        self._aliased = 0
        self._root: Any = None
        self._documents = 0

    def read(self, text: str) -> Any:  # noqa: ANN401 - the value of the file
        """Return the value of the one document in `text`; None if it has none."""
        try:
            for event in _events(text):
                self._take(event)
        except yaml.YAMLError as exc:
            if isinstance(exc, YamlError):
                raise
            mark = getattr(exc, "problem_mark", None)
            problem = getattr(exc, "problem", None) or str(exc)
            raise _error(YamlError, self._file, str(problem).strip(), mark) from exc
        except UnicodeError as exc:
            raise _error(YamlError, self._file, "the text is not Unicode") from exc
        return self._root

    def _take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._count += 1
            value = self._scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1)
            self._put(value, event)
        elif kind is yaml.MappingStartEvent:
            self._start({}, _MAPPINGS, event)
        elif kind is yaml.SequenceStartEvent:
            self._start([], _SEQUENCES, event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._end(event)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                self._fail(YamlError, "a file holds one document, and here a second begins", event)

    def _scalar(self, event: Any) -> Any:  # noqa: ANN401 - PyYAML's event, the value
        try:
            tag = event.tag
            if tag is None:
                return plain_value(event.value) if event.implicit[0] else event.value
            return tagged_value(tag, event.value)
        except KeyError:
            self._fail(YamlTagError, f"unknown tag {event.tag!r}; plain data has none", event)
        except ValueError as exc:
            too_long = len(event.value) > 1000  # noqa: PLR2004 - no other value is refused at that length
            self._fail(YamlLimitError if too_long else YamlError, str(exc), event)

    def _start(self, value: Any, tags: frozenset[str | None], event: Any) -> None:  # noqa: ANN401 - a container, PyYAML's event
        if event.tag not in tags:
            self._fail(YamlTagError, f"unknown tag {event.tag!r}; plain data has none", event)
        if len(self._open) >= MAX_DEPTH:
            message = f"values are nested deeper than {MAX_DEPTH}"
            self._fail(YamlLimitError, message, event)
        self._count += 1
        self._anchors.pop(event.anchor, None)
        frame = _Frame(value, event.anchor, self._count)
        if event.tag == "tag:yaml.org,2002:set":
            frame.lines[_MERGE] = True
        self._open.append(frame)

    def _end(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's event
        frame = self._open.pop()
        value = frame.value
        if frame.merged:
            merged: dict[Any, Any] = {}
            for part in reversed(frame.merged):
                merged.update(part)
            value = {**merged, **value}
        if frame.lines.get(_MERGE):
            value = set(value)
        if frame.anchor:
            self._anchors[frame.anchor] = (value, self._count - frame.count + 1)
        self._put(value, event)

    def _alias(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's event
        if event.anchor not in self._anchors:
            within = any(frame.anchor == event.anchor for frame in self._open)
            reason = "stands for a value that holds it" if within else "stands for nothing"
            self._fail(YamlError, f"the alias '*{event.anchor}' {reason}", event)
        value, size = self._anchors[event.anchor]
        self._count += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            message = f"aliases stand for more than {MAX_ALIASED} values"
            self._fail(YamlLimitError, message, event)
        self._put(value, event)

    def _put(self, value: Any, event: Any) -> None:  # noqa: ANN401 - any value, PyYAML's event
        if not self._open:
            self._root = value
            return
        frame = self._open[-1]
        if type(frame.value) is list:
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            self._put_key(frame, value, event)
        elif frame.key is _MERGE:
            frame.key = _NO_KEY
            self._merge(frame, value, event)
        else:
            frame.value[frame.key] = value
            frame.key = _NO_KEY

    def _put_key(self, frame: _Frame, key: Any, event: Any) -> None:  # noqa: ANN401 - any value, PyYAML's event
        if key == "<<" and type(event) is yaml.ScalarEvent and event.implicit[0]:
            frame.key = _MERGE
            return
        try:
            known = key in frame.value
        except TypeError:
            kind = type(key).__name__
            self._fail(YamlError, f"a key is a plain value, not a {kind}", event)
        if known:
            first = frame.lines[key]
            place = f"line {first.line + 1}, column {first.column + 1}"
            message = f"the key '{shown_key(key)}' stands twice in one mapping, first on {place}"
            self._fail(YamlDuplicateKeyError, message, event)
        frame.lines[key] = event.start_mark
        frame.value[key] = None
        frame.key = key

    def _merge(self, frame: _Frame, value: Any, event: Any) -> None:  # noqa: ANN401 - any value, PyYAML's event
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if not isinstance(part, dict):
                kind = type(part).__name__
                self._fail(YamlError, f"'<<' merges mappings, not a {kind}", event)
        frame.merged.extend(parts)

    def _fail(self, kind: type[YamlError], problem: str, event: Any) -> NoReturn:  # noqa: ANN401 - PyYAML's event
        raise _error(kind, self._file, problem, event.start_mark)


def _events(text: str) -> Iterator[Any]:
    """Yield the events of a text."""
    parser = loader()(text)
    try:
        following: Callable[[], Any] = parser.get_event
        while parser.check_event():
            yield following()
    finally:
        parser.dispose()


def _error(kind: type[YamlError], file: str, problem: str, mark: Any = None) -> YamlError:  # noqa: ANN401 - PyYAML's mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    message = f"{file}:{line}:{column}: {problem}"
    return kind(message, file=file, line=line, column=column, problem=problem)


def _file_text(path: Path, root: Path | None) -> str:
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        raise OutsideRootError(f"{path} does not lie below {root}", path=str(path))
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(f"Is a directory: {path}")
    if not stat.S_ISREG(found.st_mode):
        raise _error(YamlError, str(path), "not a regular file")
    if found.st_size > MAX_BYTES:
        message = f"a file of {found.st_size} bytes is larger than {MAX_BYTES}"
        raise _error(YamlLimitError, str(path), message)
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as exc:
        raise _error(YamlError, str(path), f"not UTF-8 text (byte {exc.start})") from exc
