import pytest

from foedus.record.connection import locked, query
from foedus.record.store import Record
from foedus.world.errors import BadInputError


def test_query_reads_a_table(record: Record):
    answer = query(record, "select round(cinc, 4) as c from nmc where ccode = 740 and year = 1990")
    assert answer["c"].to_list() == [0.0507]


def test_long_form_names_unit_source_and_state(record: Record):
    answer = query(
        record,
        "select what, unit, source, version, state from tidy_nmc "
        "where ccode = 740 and year = 2022 and what = 'tpop'",
    )
    assert answer.rows() == [("tpop", "thousand persons", "nmc", "7.0", "observed")]


def test_a_missing_cell_in_long_form_is_unreported_and_has_no_value(record: Record):
    answer = query(record, "select count(*) as n from tidy_nmc where value is null")
    stated = query(record, "select count(*) as n from tidy_nmc where state = 'unreported'")
    assert answer["n"][0] == stated["n"][0] > 0


@pytest.mark.parametrize(
    "hostile",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "copy nmc to '{folder}/stolen.csv'",
        "copy (select 1) to '{folder}/stolen.parquet' (format parquet)",
        "attach '{folder}/other.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access=true",
        "pragma enable_external_access=true",
        "create table mine as select 1",
        "drop view nmc",
        "select 1; select 2",
        "call duckdb_settings()",
        "export database '{folder}'",
    ],
)
def test_the_connection_does_nothing_but_read_the_record(record: Record, tmp_path, hostile: str):
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInputError):
        query(record, hostile.format(folder=tmp_path))
    assert sorted(tmp_path.iterdir()) == before


def test_settings_stay_locked_even_without_the_statement_filter(record: Record):
    with locked(record) as connection:
        for attempt in ("set enable_external_access=true", "set memory_limit='100GB'"):
            with pytest.raises(Exception, match=r"lock|disabled|Cannot"):
                connection.execute(attempt)


def test_a_query_that_runs_too_long_is_stopped(record: Record):
    endless = "select sum(a.range * b.range) from range(1000000) a, range(1000000) b"
    with pytest.raises(BadInputError, match="ran past"):
        query(record, endless, time_limit_s=0.3)


def test_a_query_that_wants_too_much_memory_is_refused(record: Record):
    greedy = "select list(a.range) from range(100000000) a group by a.range % 50000000"
    with pytest.raises(BadInputError):
        query(record, greedy, time_limit_s=20)
