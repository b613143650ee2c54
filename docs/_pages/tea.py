"""The reference of the command line `tea`, read off the application itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docs._pages.writing import grid, page

if TYPE_CHECKING:
    from collections.abc import Iterator

_SENTENCE = (
    "Every command and option. `codeanatomy agent` is the same program. Exit status: 0; 1 for an "
    "error, a failed validation and `--fail-on-state`; 2 for wrong usage; 130 after Ctrl-C. With "
    "`--stream` every line is a JSON event: `start` or `resume`, `node_complete`, `interrupt`, "
    "`error`, `complete`, each with its time in UTC."
)


def tea_page() -> str:
    """Return the page: a heading for every command."""
    return page("The command line tea", _SENTENCE, [_command(words, c) for words, c in _found()])


def tea_commands() -> list[str]:
    """Return the words that call each command."""
    return sorted(words for words, _ in _found())


def _found() -> list[tuple[str, Any]]:
    import typer  # noqa: PLC0415 - an optional part

    from codeanatomy.cli.tea.app import app  # noqa: PLC0415 - as above

    return list(_below("tea", typer.main.get_command(app)))


def _below(words: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - click's own
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below(f"{words} {name}", inner)


def _command(words: str, command: Any) -> str:  # noqa: ANN401 - as above
    rows = [_row(one) for one in command.params]
    told = " ".join(str(command.help or "").split())
    parts = [f"## {words}", told]
    return "\n\n".join([*parts, grid(("option", "value", "meaning"), rows)] if rows else parts)


def _row(one: Any) -> tuple[str, str, str]:  # noqa: ANN401 - as above
    names = [*one.opts, *one.secondary_opts]
    shown = ", ".join(f"`{name}`" for name in names)
    if one.param_type_name == "argument":
        shown = f"`{str(one.metavar or one.name).upper()}`"
    flag = bool(getattr(one, "is_flag", False) or getattr(one, "count", False))
    word = one.metavar or one.type_descriptor.annotation.__name__
    kind = "" if flag else "`str ...`" if word == "list" else f"`{word}`"
    default = one.default
    if isinstance(default, str | int | float) and not isinstance(default, bool) and default != 0:
        kind = f"{kind}, else `{default}`"
    told = " ".join(str(getattr(one, "help", "") or "").split())
    return shown, kind, told or "Not shown by `--help`: another way to say one of these."
