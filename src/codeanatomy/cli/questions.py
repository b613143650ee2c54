"""The commands that ask a question of the graph, each made from the question's declaration."""

from __future__ import annotations

from inspect import Parameter as Argument
from inspect import Signature
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter, validators

from codeanatomy.cli.options import Output, StorePlace, Version, emit, opened
from codeanatomy.cpg.query import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.query._question import Given, Question

Form = Annotated[
    Literal["text", "json", "mermaid", "dot"],
    Parameter(name=["--format", "-f"], help="How the answer is written; text by default."),
]
AsJson = Annotated[bool, Parameter(name="--json", help="The same as `--format json`.")]

_TYPES = {"int": int, "float": float, "bool": bool, "words": tuple[str, ...]}
_NOT_ANSWERED = 1
_NAMED = (
    "A definition is given by a name, the last parts of a qualified name, FILE:LINE, or the first "
    "digits of a node_id."
)
_EMPTY = (
    "An answer without rows says whether there are none, whether it was not analysed (exit status "
    "1), or how many unresolved sites could match."
)
_COMMON = (
    Argument("store", Argument.KEYWORD_ONLY, default=None, annotation=StorePlace),
    Argument("form", Argument.KEYWORD_ONLY, default="text", annotation=Form),
    Argument("json", Argument.KEYWORD_ONLY, default=False, annotation=AsJson),
    Argument("version", Argument.KEYWORD_ONLY, default=None, annotation=Version),
    Argument("output", Argument.KEYWORD_ONLY, default=None, annotation=Output),
)


def questions() -> tuple[Callable[..., int], ...]:
    """Return a command for every question that is declared."""
    return tuple(_command(question) for question in QUESTIONS)


def _command(question: Question) -> Callable[..., int]:
    def command(*given: object, **named: object) -> int:
        return _run(question, given, named)

    own = [_argument(one) for one in question.given]
    own.sort(key=lambda argument: argument.kind)
    command.__name__ = question.name
    command.__doc__ = f"{question.meaning}\n\n{_told(question)}"
    command.__signature__ = Signature([*own, *_COMMON], return_annotation=int)  # type: ignore[attr-defined]  # what `inspect` looks for
    return command


def _argument(one: Given) -> Argument:
    """Make an argument: definitions stand by their place, all else by its name."""
    if one.type == "node":
        default = None if one.optional else Argument.empty
        kind: Any = str | None if one.optional else str
        annotation = Annotated[kind, Parameter(help=f"{_sentence(one.meaning)}.")]
        return Argument(one.name, Argument.POSITIONAL_ONLY, default=default, annotation=annotation)
    check = validators.Number(gte=0) if one.type in ("int", "float") else None
    shown = one.default if one.type in ("int", "float") else None
    default_told = "" if shown is None else f"; {shown} by default"
    help_ = Parameter(help=f"{_sentence(one.meaning)}{default_told}.", validator=check)
    return Argument(
        one.name,
        Argument.KEYWORD_ONLY,
        default=one.default,
        annotation=Annotated[_TYPES[one.type], help_],
    )


def _run(question: Question, given: tuple[object, ...], named: dict[str, Any]) -> int:
    store, version, output = (named.pop(name, None) for name in ("store", "version", "output"))
    form = named.pop("form", "text")
    form = "json" if named.pop("json", False) else form
    answer = opened(store, version).ask(question.name, *given, **named)
    emit(answer.written(form), output)
    if answer.verdict == "not analysed":
        return _NOT_ANSWERED
    return 0 if answer.standing.holds else 1


def _told(question: Question) -> str:
    """Say what every question has in common, and when this one ends with another status."""
    asks = any(one.type == "node" for one in question.given)
    ends = f"Exit status {question.exit}" if question.exit else ""
    return " ".join(text for text in (_NAMED if asks else "", _EMPTY, ends) if text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
