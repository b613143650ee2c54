"""The tables of a journal and every statement on them, in the SQL that all its databases speak."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
"""Of the layout; stored, and checked when a journal is opened."""

TABLES: Final = (
    "create table if not exists journal (version {int} not null)",
    """create table if not exists threads (
  no {serial}, thread_id text not null unique, token text, machine text, pid {int},
  born text, expires {real})""",
    """create table if not exists runs (
  no {serial}, run_id text not null unique, thread {int} not null, graph text not null,
  fingerprint text not null, status text not null, node text, error text, parent text,
  parent_step {int}, input {blob} not null, config {blob} not null, output {blob},
  began {real} not null, ended {real}, resumed {int} not null)""",
    "create index if not exists runs_by_thread on runs (thread, no)",
    """create table if not exists lanes (
  run {int} not null, no {int} not null, path text not null, parent {int}, parent_seq {int},
  primary key (run, no), unique (run, path))""",
    """create table if not exists steps (
  run {int} not null, lane {int} not null, seq {int} not null, ordinal {int} not null,
  attempt {int} not null, kind text not null, node text not null, next text,
  started {real} not null, seconds {real} not null, inputs {blob} not null,
  change {blob} not null, error text, primary key (run, lane, seq)){rows}""",
    """create table if not exists keyframes (
  run {int} not null, lane {int} not null, seq {int} not null, state {blob} not null,
  primary key (run, lane, seq))""",
    """create table if not exists effects (
  run {int} not null, path text not null, ordinal {int} not null, node text not null,
  item text not null, name text not null, attempt {int} not null, digest {blob},
  status text not null, result {blob}, error text, started {real} not null,
  seconds {real} not null, primary key (run, path, ordinal, node, item))""",
    """create table if not exists checkpoints (
  id text primary key, run {int} not null, seq {int} not null, node text not null,
  moment text not null, body {blob} not null, made {real} not null)""",
)

ADD_THREAD: Final = "insert into threads (thread_id) values (?) on conflict (thread_id) do nothing"
THREAD: Final = (
    "select no, token, machine, pid, born, expires from threads where thread_id = ? {lock}"
)
TAKE: Final = (
    "update threads set token = ?, machine = ?, pid = ?, born = ?, expires = ? where no = ?"
)
RENEW: Final = "update threads set expires = ? where no = ? and token = ?"
RELEASE: Final = "update threads set token = null where no = ? and token = ?"

_RUN: Final = (
    "select runs.no, run_id, thread_id, graph, fingerprint, status, node, error, parent, "
    "parent_step, input, config, output, began, ended, resumed "
    "from runs join threads on threads.no = runs.thread "
)
RUN: Final = _RUN + "where run_id = ?"
LAST_RUN: Final = _RUN + "where threads.thread_id = ? order by runs.no desc limit 1"
RUNS: Final = _RUN + "order by runs.no"
RUNS_OF_THREAD: Final = _RUN + "where threads.thread_id = ? order by runs.no"
ADD_RUN: Final = (
    "insert into runs (run_id, thread, graph, fingerprint, status, parent, parent_step, input, "
    "config, began, resumed) values (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, 0) returning no"
)
ABANDON: Final = "update runs set status = 'abandoned', ended = ? where no = ?"
GO_ON: Final = (
    "update runs set status = 'running', ended = null, node = null, error = null, "
    "resumed = resumed + 1 where no = ?"
)
END_RUN: Final = (
    "update runs set status = ?t, node = ?t, error = ?t, output = ?b, ended = ?r "
    "where no = ?i and exists (select 1 from threads where no = ?i and token = ?t)"
)

LANE: Final = "select no, parent, parent_seq from lanes where run = ? and path = ?"
LANE_BY_NUMBER: Final = "select path, parent, parent_seq from lanes where run = ? and no = ?"
LANES: Final = "select no, path from lanes where run = ?"
HOLD_RUN: Final = "select no from runs where no = ? {lock}"
NEXT_LANE: Final = "select coalesce(max(no), -1) + 1 from lanes where run = ?"
ADD_LANE: Final = "insert into lanes (run, no, path, parent, parent_seq) values (?, ?, ?, ?, ?)"

ADD_STEP: Final = (
    "insert into steps (run, lane, seq, ordinal, attempt, kind, node, next, started, seconds, "
    "inputs, change, error) select ?i, ?i, ?i, ?i, ?i, ?t, ?t, ?t, ?r, ?r, ?b, ?b, ?t "
    "where exists (select 1 from threads where no = ?i and token = ?t)"
)
ADD_KEYFRAME: Final = "insert into keyframes (run, lane, seq, state) values (?, ?, ?, ?)"
KEYFRAME: Final = (
    "select seq, state from keyframes where run = ? and lane = ? and seq <= ? "
    "order by seq desc limit 1"
)
CHANGES: Final = (
    "select seq, change from steps where run = ? and lane = ? and seq > ? and seq <= ? "
    "and kind in ('step', 'update') order by seq"
)
_STEP: Final = (
    "select seq, ordinal, attempt, kind, node, next, started, seconds, inputs, change, error "
    "from steps where run = ? and lane = ? "
)
STEPS: Final = _STEP + "and seq > ? order by seq limit ?"
LAST_STEP: Final = _STEP + "order by seq desc limit 1"
LAST_DONE: Final = _STEP + "and kind = 'step' order by seq desc limit 1"
LAST_TRIED: Final = (
    "select case when kind = 'failed' then node else next end from steps "
    "where run = ? and lane = ? and seq > ? and kind in ('failed', 'lost') "
    "order by seq desc limit 1"
)
STEP_BY_ORDINAL: Final = _STEP + "and ordinal = ? and kind = 'step' order by seq desc limit 1"
ATTEMPTS: Final = (
    "select coalesce(max(attempt), 0) from steps where run = ? and lane = ? and ordinal = ? "
    "and kind <> 'update'"
)
COUNTS: Final = "select run, count(*) from steps where kind = 'step' group by run"
COUNTS_OF_THREAD: Final = (
    "select run, count(*) from steps join runs on runs.no = steps.run "
    "join threads on threads.no = runs.thread "
    "where threads.thread_id = ? and kind = 'step' group by run"
)
COUNT: Final = "select run, count(*) from steps where run = ? and kind = 'step' group by run"

EFFECTS_OF_STEP: Final = (
    "select item, name, attempt, digest, status, result from effects "
    "where run = ? and path = ? and ordinal = ? and node = ?"
)
ADD_EFFECT: Final = (
    "insert into effects (run, path, ordinal, node, item, name, attempt, digest, status, result, "
    "error, started, seconds) select ?i, ?t, ?i, ?t, ?t, ?t, ?i, ?b, ?t, ?b, ?t, ?r, ?r "
    "where exists (select 1 from threads where no = ?i and token = ?t) "
    "on conflict (run, path, ordinal, node, item) do update set attempt = excluded.attempt, "
    "digest = excluded.digest, status = excluded.status, result = excluded.result, "
    "error = excluded.error, started = excluded.started, seconds = excluded.seconds"
)
EFFECTS: Final = (
    "select path, ordinal, node, item, name, attempt, status, started, seconds, result, error "
    "from effects where run = ? order by started, path, ordinal, item"
)

ADD_CHECKPOINT: Final = (
    "insert into checkpoints (id, run, seq, node, moment, body, made) values (?, ?, ?, ?, ?, ?, ?)"
)
CHECKPOINT: Final = (
    "select run_id, seq, checkpoints.node, moment, body, made from checkpoints "
    "join runs on runs.no = checkpoints.run where id = ?"
)
STEPS_AFTER: Final = (
    "select count(*) from steps where run = ? and lane = 0 and seq > ? and kind = 'step'"
)
STEP_AT: Final = (
    "select ordinal from steps where run = ? and lane = 0 and seq <= ? and kind = 'step' "
    "order by seq desc limit 1"
)
COUNT_CHECKPOINTS: Final = "select count(*) from checkpoints where run = ?"
LAST_CHECKPOINT: Final = (
    "select id, seq, node, moment, body, made from checkpoints where run = ? "
    "order by made desc, id desc limit 1"
)
COPY_STEP: Final = (
    "insert into steps (run, lane, seq, ordinal, attempt, kind, node, next, started, seconds, "
    "inputs, change, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
