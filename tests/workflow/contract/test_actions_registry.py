"""The names of the built-in actions, and how every action is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

DOTTED = """
http.get http.post http.respond file.read file.write checkpoint.save checkpoint.load
storage.list storage.exists storage.delete storage.copy storage.info storage.mkdir storage.native
storage.hash json.parse json.transform json.stringify csv.parse csv.stringify data.validate
data.merge data.filter data.create_table data.insert data.update data.delete data.query
data.consolidate markdown.parse code.execute code.sandbox validate.input validate.schema
validate.extraction validate.generate_prompt error.is_retryable error.clear error.get error.has
error.type error.retry error.respond retry.loop ratelimit.wrap cache.wrap cache.get
cache.invalidate schema.merge secrets.get secrets.has session.create session.end session.archive
session.restore session.get session.list session.archive_expired session.load session.save
session.delete session.exists git.worktree_create git.worktree_remove git.worktree_merge
git.worktree_list git.current_branch git.status web.scrape web.crawl web.search web.ai_scrape
tools.crewai tools.mcp tools.langchain tools.discover tools.clear_cache
""".split()

ONLY_DOTTED = """
checkpoint.save checkpoint.load session.load session.save session.delete session.exists
""".split()

BARE = {
    "json_parse": "json.parse",
    "json_transform": "json.transform",
    "json_stringify": "json.stringify",
    "csv_parse": "csv.parse",
    "csv_stringify": "csv.stringify",
    "data_validate": "data.validate",
    "data_merge": "data.merge",
    "data_filter": "data.filter",
    "markdown_parse": "markdown.parse",
    "actions.notify": "notify",
}

REQUIRED = {
    "http.get": {"url"},
    "http.post": {"url"},
    "file.read": {"path"},
    "file.write": {"path", "content"},
    "notify": {"channel", "message"},
    "storage.list": {"path"},
    "storage.copy": {"source", "destination"},
    "storage.native": {"path", "operation"},
    "json.parse": {"text"},
    "json.transform": {"data", "expression"},
    "csv.stringify": {"data"},
    "data.validate": {"data", "schema"},
    "data.merge": {"sources"},
    "data.filter": {"data", "predicate"},
    "code.execute": {"code"},
    "code.sandbox": {"action"},
    "retry.loop": {"validate"},
    "ratelimit.wrap": {"action", "args", "limiter"},
    "cache.wrap": {"action", "args"},
    "schema.merge": {"schemas"},
    "secrets.get": {"key"},
    "secrets.has": {"key"},
    "web.scrape": {"url"},
    "web.search": {"query"},
    "web.ai_scrape": {"url", "prompt"},
    "tools.mcp": {"server", "tool"},
}


@pytest.fixture(scope="module")
def registry() -> Iterator[dict[str, Any]]:
    """Give the actions of an engine as it comes."""
    with open_engine() as engine:
        yield actions_of(engine)


@pytest.mark.parametrize("name", DOTTED)
def test_every_action_is_there_by_its_dotted_name(registry: dict[str, Any], name: str) -> None:
    """The inventory of the reference is the registry."""
    assert callable(registry[name])


@pytest.mark.parametrize("name", sorted(set(DOTTED) - set(ONLY_DOTTED)))
def test_an_alias_is_the_same_object(registry: dict[str, Any], name: str) -> None:
    """`ns.verb` is also `actions.ns_verb`."""
    assert registry[f"actions.{name.replace('.', '_')}"] is registry[name]


@pytest.mark.parametrize(("alias", "name"), BARE.items())
def test_some_aliases_have_no_prefix(registry: dict[str, Any], alias: str, name: str) -> None:
    """The data and Markdown actions go by bare names too."""
    assert registry[alias] is registry[name]


@pytest.mark.parametrize("name", ONLY_DOTTED)
def test_some_actions_have_no_alias(registry: dict[str, Any], name: str) -> None:
    """Checkpoints and kept sessions go by their dotted names only."""
    assert f"actions.{name.replace('.', '_')}" not in registry


@pytest.mark.parametrize(
    ("name", "missing"),
    [(name, one) for name, wanted in REQUIRED.items() for one in sorted(wanted)],
)
def test_a_missing_parameter_is_a_type_error(
    registry: dict[str, Any], name: str, missing: str
) -> None:
    """What is required is required by Python itself."""
    given = dict.fromkeys(REQUIRED[name] - {missing}, "x")
    with pytest.raises(TypeError, match=missing):
        registry[name](state={}, **given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("json.parse", {"text": "1"}),
        ("csv.parse", {"text": "a\n1"}),
        ("data.merge", {"sources": []}),
        ("notify", {"channel": "c", "message": "m"}),
        ("storage.exists", {"path": "memory://nothing"}),
        ("schema.merge", {"schemas": []}),
        ("markdown.parse", {"content": "# t"}),
        ("secrets.get", {"key": "k"}),
        ("code.sandbox", {"action": "list"}),
    ],
)
def test_unknown_keywords_are_swallowed(
    registry: dict[str, Any], name: str, given: dict[str, Any]
) -> None:
    """What an action does not know changes nothing, and the state may come by position."""
    assert registry[name]({}, **given, config={}, node="n", nonsense=1) == registry[name](
        state={}, **given
    )
