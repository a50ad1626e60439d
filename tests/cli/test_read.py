import json
from pathlib import Path

from typer.testing import CliRunner

from foedus.cli.main import app

HEADER = "id,relid,year,side_a,side_b,gwnoa,gwnob,latitude,longitude,date_start"
LINE = "5,r,2015,Government of China,Rebels,710,,15,44,2015-01-05"


def test_read_says_what_came_of_each_file(tmp_path: Path):
    path = tmp_path / "ged.csv"
    path.write_text(f"{HEADER}\n{LINE}\n{LINE},more\n", "utf-8")
    arguments = ["read", str(path), "--output", str(tmp_path / "out")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "ucdp" in done.stdout
    assert "lines set aside" in done.stdout
    again = CliRunner().invoke(app, [*arguments, "--json"])
    row = json.loads(again.stdout.splitlines()[0])
    assert (row["events"], row["set_aside"], row["known"]) == (1, 1, True)


def test_read_codes_texts_and_says_what_was_left_out(tmp_path: Path):
    path = tmp_path / "note.txt"
    path.write_text(
        "Japan accused China of violating its airspace.\nThe EU imposed sanctions on Iran.\n"
    )
    done = CliRunner().invoke(app, ["read", str(path), "--json"])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [(row["source_country"], row["event"]) for row in rows] == [("JPN", "ACCUSE")]
    assert {"doc", "sentence", "start", "end", "date", "source", "target", "target_country",
            "mode", "quad", "goldstein", "place", "arena",
            "confidence"} <= set(rows[0])  # fmt: skip
    table = CliRunner().invoke(app, ["read", str(path)])
    assert "--bodies keeps them" in table.output
