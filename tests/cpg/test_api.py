"""The Python API over a small graph whose every row is known."""

from __future__ import annotations

from pathlib import Path

import pytest

import codeanatomy as ca
from codeanatomy.cpg import config
from codeanatomy.cpg.api import NoGraphError, folder_of, placed, store_of
from codeanatomy.cpg.compile import compile_plan
from codeanatomy.engine.errors import QueryError
from codeanatomy.kernel.errors import UnknownNameError
from codeanatomy.store.errors import UnknownVersionError
from tests.graphs import FILE, write_graph


def test_where_nothing_was_built_there_is_no_graph(tmp_path: Path) -> None:
    """The error says how to build one."""
    with pytest.raises(NoGraphError, match=r"`codeanatomy build REPO -s '.*/no where'`") as caught:
        ca.open(tmp_path / "no where")
    assert (caught.value.code, caught.value.exit_status) == ("no-graph", 2)


def test_sql_answers_with_rows(zoo: ca.Graph) -> None:
    """A result counts, iterates and turns into Python."""
    found = zoo.sql("select name, line from nodes where kind = 'class' order by line")
    assert found.to_pylist() == [{"name": "Animal", "line": 3}, {"name": "Cat", "line": 6}]
    assert (len(found), list(found), found.columns) == (2, found.to_pylist(), ("name", "line"))


def test_ids_are_hex_digits(zoo: ca.Graph) -> None:
    """A node's id is shown as text, and every edge has one of its own."""
    node = zoo.sql(f"select node_id from nodes where nid = {FILE + 2}").to_pylist()
    assert node == [{"node_id": "02" * 16}]
    edges = zoo.sql("select count(distinct edge_id) as ids, count(*) as n from edges").to_pylist()
    assert edges == [{"ids": 11, "n": 11}]


def test_sql_only_reads(zoo: ca.Graph) -> None:
    """Anything but a SELECT is refused before it runs."""
    with pytest.raises(QueryError, match="only reads"):
        zoo.sql("drop table files")


@pytest.mark.parametrize("sql", ["show tables", "-- what is there\n EXPLAIN select 1"])
def test_a_question_is_a_select(zoo: ca.Graph, sql: str) -> None:
    """What tells of the engine is refused with the command that tells of the graph."""
    with pytest.raises(QueryError, match="is not accepted; `codeanatomy tables` lists"):
        zoo.sql(sql)


def test_an_absent_table_says_why(zoo: ca.Graph) -> None:
    """A table that was not asked for is told from one that there never is."""
    with pytest.raises(QueryError, match="--evidence libcst") as absent:
        zoo.sql("select * from cst_nodes")
    assert absent.value.facts["reason"] == "absent"
    with pytest.raises(QueryError, match="the nearest are nodes") as unknown:
        zoo.sql("select * from nodess")
    assert unknown.value.facts["near"] == ("nodes", "ts_nodes", "ast_nodes")


def test_a_declared_table_without_rows_is_empty(zoo: ca.Graph) -> None:
    """Nothing seen is an answer, where the table is not absent."""
    assert zoo.sql("select * from imports").to_pylist() == []


def test_every_table_has_its_columns_described(zoo: ca.Graph) -> None:
    """What is listed is what SQL sees, column by column."""
    for table in zoo.tables():
        assert table.meaning
        assert all(column.meaning for column in table.columns)
        shown = zoo.sql(f"select * from {table.name} limit 0").columns
        assert shown == tuple(column.name for column in table.columns), table.name


def test_every_view_has_its_declared_types(zoo: ca.Graph) -> None:
    """A view promises types as a stored table does."""
    for table in zoo.tables():
        declared = {field.name: str(field.type) for field in table.arrow()}
        found = zoo.sql(f"select * from {table.name} limit 0").to_arrow().schema
        plain = {field.name: str(field.type).replace("string_view", "string") for field in found}
        assert plain == declared, table.name


def test_versions_are_read_as_they_were(tmp_path: Path) -> None:
    """`at` opens an older version; `history` lists them all."""
    write_graph(tmp_path / "repo", tmp_path / "store", 0)
    write_graph(tmp_path / "repo", tmp_path / "store", 1)
    newest = ca.open(tmp_path / "store")
    count = "select count(*) as n from nodes"
    assert (newest.version, newest.sql(count).to_pylist()) == (1, [{"n": 18}])
    assert (newest.at(0).version, newest.at(0).sql(count).to_pylist()) == (0, [{"n": 9}])
    assert [manifest.number for manifest in newest.history()] == [0, 1]
    with pytest.raises(UnknownVersionError):
        newest.at(7)


def test_unpublished_rows_are_never_seen(tmp_path: Path) -> None:
    """Tables written without a manifest are as if they were not there."""
    write_graph(tmp_path / "repo", tmp_path / "store", 0)
    write_graph(tmp_path / "repo", tmp_path / "store", 1)
    (tmp_path / "store" / "manifests" / "00000001.json").unlink()
    graph = ca.open(tmp_path / "store")
    assert graph.sql("select count(*) as n from nodes").to_pylist() == [{"n": 9}]


def test_nodes_are_found_by_columns(zoo: ca.Graph) -> None:
    """All that is given must fit; files and places give the order."""
    assert [node.name for node in zoo.nodes(kind="class")] == ["Animal", "Cat"]
    assert [node.nid for node in zoo.nodes(name="times", kind="parameter")] == [FILE + 6]
    assert zoo.nodes(path="nowhere.py") == []


def test_one_node_is_found_by_any_of_its_names(zoo: ca.Graph) -> None:
    """By number, id, or qualified name; else the error is a KeyError too."""
    assert zoo.node(FILE + 3) == zoo.node("03" * 16) == zoo.node("zoo.Cat")
    with pytest.raises(KeyError):
        zoo.node("zoo.Dog")


def test_an_unknown_kind_names_the_nearest(zoo: ca.Graph) -> None:
    """A typing error is told from an empty answer."""
    with pytest.raises(UnknownNameError, match="'class'"):
        zoo.nodes(kind="klass")


def test_the_plan_comes_back(zoo: ca.Graph) -> None:
    """The plan of a version is that of its build."""
    assert zoo.plan() == compile_plan()


def test_a_store_in_a_file_of_settings_counts_from_that_file(tmp_path: Path) -> None:
    """One on the command line or by default counts from the current folder."""
    (tmp_path / "codeanatomy.toml").write_text('store = "graphs"\n', "utf-8")
    assert store_of(tmp_path, config.resolve(tmp_path, {}, {})) == str(tmp_path / "graphs")
    given = config.resolve(tmp_path, {"store": "here"}, {})
    assert store_of(tmp_path, given) == "here"


def test_a_home_folder_in_a_file_of_settings_is_the_persons(tmp_path: Path) -> None:
    """`~` stands for the same folder wherever it is written; other places lie in the repository."""
    (tmp_path / "codeanatomy.toml").write_text('store = "~/graphs"\ncache_dir = "seen"\n', "utf-8")
    found = config.resolve(tmp_path, {}, {})
    assert store_of(tmp_path, found) == str(Path("~/graphs").expanduser())
    assert placed(tmp_path, found, "cache_dir") == str(tmp_path / "seen")
    given = config.resolve(tmp_path, {}, {"CODEANATOMY_CACHE_DIR": "here"})
    assert placed(tmp_path, given, "cache_dir") == "here"


def test_a_store_lies_in_a_folder() -> None:
    """The scheme of an address is left out."""
    assert str(folder_of("parquet://some/where")) == "some/where"
