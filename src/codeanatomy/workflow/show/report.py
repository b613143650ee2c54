"""Writes a run as one page that opens without a server: graph, times, steps, states, errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.names import END, START
from codeanatomy.workflow.redact import redacted
from codeanatomy.workflow.show.duration import format_duration
from codeanatomy.workflow.show.picture import picture_of_path
from codeanatomy.workflow.show.scale import Scale
from codeanatomy.workflow.show.style import STYLE
from codeanatomy.workflow.show.svg import Path, to_svg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.workflow.show.picture import Picture
    from codeanatomy.workflow.show.story import Change, Effect, Story, Told

LONGEST = 4000  # characters of one value
SHADED = 40  # times without work that are shown in every row
MOST = 1000  # steps that are written out; of a longer run the first and the last half of these

_STATUS = {
    "completed": ("done", "completed"),
    "finished": ("done", "completed"),
    "final": ("done", "completed"),
    "failed": ("failed", "failed"),
    "error": ("failed", "failed"),
    "interrupted": ("waiting", "waits for a person"),
    "waiting": ("waiting", "waits for a person"),
    "running": ("", "running, or ended without a word"),
    "abandoned": ("failed", "abandoned"),
}

_DONE = tuple(status for status, (kind, _) in _STATUS.items() if kind == "done")


def to_html(story: Story, picture: Picture | None = None) -> str:
    """Return the page; every text in it is escaped, known secrets are hidden."""
    safe: Story = _clean(story)
    path = _path(safe)
    drawn = picture or picture_of_path(path.taken)
    kind, status = _STATUS.get(safe.status, ("", safe.status))
    parts = [
        _head(safe.graph, kind, status),
        _facts(safe),
        _troubles(safe),
        _card("The path taken", f'<div class="scroll">{to_svg(drawn, path)}</div>'),
        _card("Where the time went", _times(safe)),
        _card("Step by step", _steps(safe)),
        _card("State at the end", f"<pre>{_value(safe.final)}</pre>"),
        _card("State at the start", f"<pre>{_value(safe.initial)}</pre>"),
    ]
    return _PAGE.format(
        title=escape(f"{safe.graph} · {safe.run}"), style=STYLE, body="\n".join(filter(None, parts))
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
<footer>Written by CodeAnatomy. Nothing on this page is loaded from anywhere.</footer>
</main>
</body>
</html>
"""


def _clean(story: Story) -> Story:
    """Hide every known secret in all that a page shows."""
    from dataclasses import fields, is_dataclass, replace  # noqa: PLC0415 - only a page needs them

    def clean(value: Any) -> Any:  # noqa: ANN401 - a field of the story
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: clean(getattr(value, f.name)) for f in fields(value)})
        if isinstance(value, tuple):
            return tuple(clean(item) for item in value)
        return redacted(value)

    cleaned: Story = clean(story)
    return cleaned


def _head(title: str, kind: str, status: str) -> str:
    badge = f'<span class="status {kind}">{escape(status)}</span>'
    return f"<header><h1>{escape(title)}</h1>{badge}</header>"


def _card(title: str, body: str, kind: str = "") -> str:
    return f'<section class="card {kind}"><h2>{title}</h2>\n{body}\n</section>'


def _facts(story: Story) -> str:
    began = datetime.fromtimestamp(story.began, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    branches = {step.path for step in story.steps if step.path}
    retries = sum(step.attempt > 1 for step in story.steps)
    rows = [
        ("Began", began, ""),
        ("Took", format_duration(story.seconds), ""),
        ("Steps", f"{len(story.taken):,}", ""),
        ("Branches", f"{len(branches):,}", ""),
        ("Repeated attempts", f"{retries:,}", ""),
        ("Run", story.run, "id"),
        ("Thread", story.thread, "id"),
    ]
    if story.parent:
        rows.append(("Forked from", story.parent, "id"))
    cells = "".join(
        f'<div><dt>{name}</dt><dd class="{kind}">{escape(text)}</dd></div>'
        for name, text, kind in rows
    )
    return f'<dl class="facts">{cells}</dl>'


def _troubles(story: Story) -> str:
    rows = [
        f"<p><b>{escape(step.node)}</b>{_where(step)}</p><pre>{escape(step.error)}</pre>"
        for step in story.steps
        if step.error
    ]
    if story.error and not any(step.error == story.error for step in story.steps):
        rows.append(f"<pre>{escape(story.error)}</pre>")
    title = "What went wrong" if story.status not in _DONE else "What went wrong on the way"
    return _card(title, "\n".join(rows), "trouble") if rows else ""


def _where(step: Told) -> str:
    branch = f" in branch {escape(step.path)}" if step.path else ""
    return f"{branch}, step {step.ordinal}" + (f", attempt {step.attempt}" * (step.attempt > 1))


def _path(story: Story) -> Path:
    taken: dict[tuple[str, str], int] = {}
    main = [step for step in story.taken if not step.path]
    if main:
        taken[START, main[0].node] = 1
    for step in story.steps:
        if step.following and not step.error:
            pair = step.node, step.following
            taken[pair] = taken.get(pair, 0) + 1
    for step in story.taken:
        parent = _forked_from(step, main)
        if parent:
            taken[parent, step.node] = taken.get((parent, step.node), 0) + 1
    if story.status in _DONE and main:
        taken.setdefault((main[-1].node, END), 1)
    marks = {step.node: "failed" for step in story.steps if step.error}
    if story.status == "interrupted" and main:
        marks[main[-1].following or main[-1].node] = "waiting"
    return Path(story.visits, taken, marks)


def _forked_from(step: Told, main: list[Told]) -> str | None:
    """Name the main line's node whose fan-out the first step of a branch belongs to."""
    number = step.path.partition(".")[0]
    if step.ordinal != 1 or "/" in step.path or not number.isdigit():
        return None
    return next((one.node for one in main if one.ordinal == int(number)), None)


def _times(story: Story) -> str:
    if not story.taken:
        return '<p class="none">No step was recorded.</p>'
    scale = Scale.of((step.began, step.began + step.seconds) for step in story.taken)
    rows = [_time_row(step, scale) for step in _shown(story.taken)]
    idle = format_duration(scale.idle)
    note = (
        f'<p class="none">Times in which nothing ran, {idle} in all, are cut short.</p>'
        if scale.cuts
        else ""
    )
    return f'<table class="time"><tbody>{"".join(rows)}</tbody></table>{note}'


def _time_row(step: Told, scale: Scale) -> str:
    left, right = scale.place(step.began), scale.place(step.began + step.seconds)
    wide = max(right - left, 0.4)
    bad = ' class="failed"' if step.error else ""
    apart = step.path and _branch(step) != step.node
    branch = f" · {escape(_branch(step))}" if apart else ""
    shaded = scale.cuts if len(scale.cuts) <= SHADED else []
    cuts = "".join(
        f'<rect class="idle" x="{a:.2f}" y="0" width="{b - a:.2f}" height="14"/>' for a, b in shaded
    )
    return (
        f'<tr><td class="name{" branch" if step.path else ""}">{escape(step.node)}{branch}</td>'
        f'<td><svg class="track" viewBox="0 0 100 14" preserveAspectRatio="none">{cuts}'
        f'<rect{bad} x="{min(left, 99.6):.2f}" y="3" width="{wide:.2f}" '
        f'height="8"/></svg></td><td class="took">{format_duration(step.seconds)}</td></tr>'
    )


def _branch(step: Told) -> str:
    return " / ".join(part.partition(".")[2] or part for part in step.path.split("/"))


def _steps(story: Story) -> str:
    count = iter(range(1, len(story.steps) + 1))
    rows = [_step(str(next(count)) if step.is_step else "", step) for step in story.steps]
    if len(rows) > MOST:
        left = len(rows) - MOST
        note = f'<p class="none">{left:,} steps between are left out.</p>'
        rows = [*rows[: MOST // 2], note, *rows[-MOST // 2 :]]
    return "\n".join(rows) or '<p class="none">No step was recorded.</p>'


def _shown(steps: tuple[Told, ...]) -> Iterable[Told]:
    return steps if len(steps) <= MOST else (*steps[: MOST // 2], *steps[-MOST // 2 :])


def _step(number: str, step: Told) -> str:
    tags = [f'<span class="tag">{escape(_branch(step))}</span>'] if step.path else []
    if step.attempt > 1:
        tags.append(f'<span class="tag wait">attempt {step.attempt}</span>')
    if not step.is_step:
        tags.append('<span class="tag wait">changed between steps</span>')
    if step.error:
        tags.append('<span class="tag bad">failed</span>')
    keys = ", ".join(change.key for change in step.changes)
    return (
        f'<details class="step"{" open" if step.error else ""}><summary>'
        f'<span class="n">{number}</span><span class="name">{escape(step.node)}</span>'
        f'{"".join(tags)}<span class="keys">{escape(keys)}</span>'
        f'<span class="took">{format_duration(step.seconds)}</span></summary>'
        f'<div class="body">{_body(step)}</div></details>'
    )


def _body(step: Told) -> str:
    parts = [f'<pre class="fail">{escape(step.error)}</pre>'] if step.error else []
    if step.changes:
        parts.append(f'<div class="diff">{"".join(map(_change, step.changes))}</div>')
    elif not step.error:
        parts.append('<span class="none">The state is as before.</span>')
    if step.effects:
        parts.append(f"<h3>Action calls</h3>{''.join(map(_effect, step.effects))}")
    return "".join(parts)


def _change(change: Change) -> str:
    old = f'<pre class="old">{_value(change.before)}</pre>' if change.sign != "added" else ""
    new = f'<pre class="new">{_value(change.after)}</pre>' if change.sign != "removed" else ""
    return f'<div class="key">{escape(change.key)}</div><div>{old}{new}</div>'


def _effect(effect: Effect) -> str:
    shown = f'<pre class="fail">{escape(effect.error)}</pre>' if effect.error else ""
    result = "" if effect.error else f"<pre>{_value(effect.result)}</pre>"
    name = f"<code>{escape(effect.name)}</code> <code>{escape(effect.key)}</code>"
    return f"<p>{name}</p>{shown}{result}"


def _value(value: Any) -> str:  # noqa: ANN401 - a state holds anything
    lines = isinstance(value, str) and "\n" in value
    text = value if lines else json.dumps(value, indent=2, ensure_ascii=False, default=str)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} more characters"
    return escape(text)
