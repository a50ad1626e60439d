import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foedus.cli.main import app

runner = CliRunner()


def test_list_shows_tables_with_years_and_terms():
    rows = json.loads(runner.invoke(app, ["record", "list", "--json"]).output)
    nmc = next(row for row in rows if row["table"] == "nmc")
    assert nmc["years"] == "1816-2022"
    assert nmc["terms"] == "research"


def test_show_gives_units_and_cautions():
    text = runner.invoke(app, ["record", "show", "nmc"]).output
    assert "thousand coal-ton equivalents" in text
    assert "share of the system total" in text


def test_cite_gives_the_citation():
    assert "Singer" in runner.invoke(app, ["record", "cite", "nmc"]).output


def test_sql_writes_a_whole_file_or_none(tmp_path: Path):
    target = tmp_path / "out.csv"
    query = "select year, cinc from nmc where ccode = 740 and year > 2020"
    result = runner.invoke(app, ["record", "sql", query, "--output", str(target)])
    assert result.exit_code == 0
    assert target.read_text().startswith("year,cinc\n2021,")
    assert list(tmp_path.iterdir()) == [target]


def test_verify_holds_on_the_bundled_record():
    checks = json.loads(runner.invoke(app, ["record", "verify", "--json"]).output)
    failed = [check for check in checks if not check["passed"]]
    assert failed == []
    facts = [check for check in checks if check["kind"] == "fact"]
    assert len(facts) >= 58


def test_coverage_of_one_country_counts_its_rows_only():
    rows = json.loads(
        runner.invoke(app, ["record", "coverage", "--country", "TWN", "--json"]).output
    )
    ideal = next(row for row in rows if row["table"] == "un_ideal_points")
    assert ideal["last_period"] <= "1971"


@pytest.mark.parametrize(
    "arguments",
    [
        ["record", "show", "nothing"],
        ["record", "coverage", "--country", "Korea"],
        ["record", "build", "--raw", "no/such/folder"],
        ["record", "add", "no-such.csv", "--as", "nmc"],
        ["record", "add", "no-such.csv"],
    ],
)
def test_mistakes_get_the_four_parts_and_exit_code_two(arguments: list[str], monkeypatch, capsys):
    from foedus.cli import main

    monkeypatch.setattr("sys.argv", ["foedus", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    for part in ("expected:", "where:", "try:"):
        assert part in printed


def test_an_interrupted_build_leaves_only_whole_tables(raw_folder, tmp_path: Path):
    from foedus.record.build import build_record, read_manifest

    if raw_folder is None:
        pytest.skip("the raw tables are not here")
    seen: list[str] = []

    def stop_at_second(source: str) -> None:
        seen.append(source)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_record(raw_folder, tmp_path, bundle=True, progress=stop_at_second)
    manifest = read_manifest(tmp_path)
    assert {f"{name}.parquet" for name in manifest} | {"manifest.json"} == {
        path.name for path in tmp_path.iterdir()
    }


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch):
    import polars as pl

    from foedus.record.build import write_table
    from foedus.world.errors import CannotWriteError

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(CannotWriteError, match="No space left"):
        write_table(pl.DataFrame({"a": [1]}), "nmc", tmp_path)
    assert list(tmp_path.iterdir()) == []
