"""One file's bytes as every extractor sees them: text, lines, and the trees made on demand."""

from __future__ import annotations

import ast
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract import _comments, _definitions, _fstrings, _parsers
from codeanatomy.cpg.extract._expressions import EXPRESSIONS
from codeanatomy.cpg.extract._statements import STATEMENTS
from codeanatomy.cpg.extract._walk import Walk
from codeanatomy.cpg.spans import read_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Source:
    """The bytes of one file; what is derived from them is made on first use and kept."""

    def __init__(self, raw: bytes) -> None:
        """Read `raw` as text; odd bytes are kept as they are and never raise."""
        self.raw = raw
        self._map = read_text(raw)
        self.text = self._map.text
        self.encoding = self._map.encoding
        self.bom = self._map.bom
        self.newline = self._map.newline
        self.line_starts = self._map.starts

    def offsets(self, lines: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Turn (line from 1, UTF-8 byte column from 0) into text offsets."""
        found: NDArray[np.int64] = self.line_starts[lines - 1] + columns
        return found

    def spans(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Turn text offsets into half-open spans of file bytes."""
        to_file = self._map.to_file
        return to_file(starts).astype("int32"), to_file(ends).astype("int32")

    @property
    def tree(self) -> ast.Module:
        """Python's syntax tree, exact inside f-strings too; raises what `ast.parse` raises."""
        return self._parsed[0]

    @property
    def parses(self) -> bool:
        """Whether Python can parse the text."""
        try:
            return self._parsed is not None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False

    @property
    def places(self) -> _fstrings.Places:
        """Which nodes of `tree` got their position from tree-sitter, and whose is coarse."""
        return self._parsed[1]

    @cached_property
    def syntax(self) -> Any:  # noqa: ANN401 - tree-sitter's types are not part of our surface
        """The error-tolerant tree of the text, `long_comments` left out."""
        return _parsers.python_parser().parse(_comments.hidden(self.text, self.long_comments))

    @cached_property
    def long_comments(self) -> list[tuple[int, int]]:
        """Text offsets of runs of comment lines too long for the tolerant parser."""
        return _comments.runs(self.text)

    @cached_property
    def walked(self) -> Walk:
        """The walk over `tree`, done: nodes in the order of their numbers, scopes, occurrences."""
        walk = Walk(self.text, self.line_starts.tolist())
        _definitions.module(walk, self.tree)
        walk.run({**EXPRESSIONS, **STATEMENTS, **_definitions.DEFINITIONS})
        return walk

    @cached_property
    def _parsed(self) -> tuple[ast.Module, _fstrings.Places]:
        tree = self._parse()
        if not _fstrings.COARSE or not _fstrings.may_have_any(self.text):
            return tree, _fstrings.Places(set(), set())
        starts = self.line_starts.tolist()
        return tree, _fstrings.relocate(tree, self.text, starts, self.syntax.root_node)

    def _parse(self) -> ast.Module:
        if self.encoding is None:
            ast.parse(self.raw)  # says why Python cannot read these bytes
            raise ValueError("the codec of this file gives its characters no bytes of their own")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(self.text.decode("utf-8"))
