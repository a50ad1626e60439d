"""Event files: every format to the same rows, broken lines set aside, nothing read twice."""

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest

from foedus.read.event_files import COLUMNS, EventFile, read_event_files
from foedus.read.formats import FORMATS
from foedus.record.store import Record
from foedus.world.errors import BadInputError, CannotWriteError, UnknownNameError

GDELT = {form.name: form for form in FORMATS if not form.header}


def gdelt_line(name: str, **given: str) -> str:
    usual = {
        "GLOBALEVENTID": "1", "SQLDATE": "20150105", "Actor1Code": "CHNMIL",
        "Actor1CountryCode": "CHN", "Actor2Code": "JPN", "Actor2CountryCode": "JPN",
        "EventCode": "190", "QuadClass": "4", "GoldsteinScale": "-10.0", "NumMentions": "7",
        "ActionGeo_Lat": "25.7", "ActionGeo_Long": "123.5", "DATEADDED": "20150106",
    }  # fmt: skip
    return "\t".join((usual | given).get(column, "") for column in GDELT[name].columns)


def read(record: Record, folder: Path, *files: Path, **options) -> list[EventFile]:
    return read_event_files(files, folder / "out", record, **options)


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", GDELT)
def test_a_gdelt_line_becomes_an_event_with_countries(record: Record, tmp_path: Path, name: str):
    assert {n: len(form.columns) for n, form in GDELT.items()} == {
        "gdelt1": 58, "gdelt1-old": 57, "gdelt2": 61,
    }  # fmt: skip
    (found,) = read(record, tmp_path, written(tmp_path, "day.CSV", gdelt_line(name)))
    assert found.format == name
    row = pl.read_parquet(found.output).row(0, named=True)
    assert tuple(row) == COLUMNS
    assert (row["source_country"], row["target_country"]) == (710, 740)
    assert (row["event"], row["cameo"], row["quad"], row["goldstein"]) == ("ASSAULT", "190", 4, -10)
    assert str(row["date"]) == "2015-01-05"
    assert row["mentions"] == 7
    assert row["latitude"] == pytest.approx(25.7, abs=1e-5)


def test_lines_that_do_not_fit_are_set_aside_with_their_numbers(record: Record, tmp_path: Path):
    good = [gdelt_line("gdelt1", GLOBALEVENTID=str(k)) for k in range(8)]
    lines = [
        *good[:3],
        good[3].rsplit("\t", 5)[0],
        good[4] + "\textra",
        gdelt_line("gdelt1", SQLDATE="20151399"),
        gdelt_line("gdelt1", QuadClass="often"),
        gdelt_line("gdelt1", SQLDATE=""),
        *good[5:],
    ]
    (found,) = read(record, tmp_path, written(tmp_path, "day.CSV", *lines))
    assert (found.events, found.set_aside, found.undated) == (6, 4, 1)
    assert found.rejects is not None
    aside = pl.read_csv(found.rejects)
    assert aside["line"].to_list() == [4, 5, 6, 7]
    assert "SQLDATE" in aside["column"][2]
    assert set(pl.read_parquet(found.output)["event_id"]) >= {"0", "1", "2", "5", "6", "7"}


def test_a_code_is_the_country_it_meant_on_the_day(record: Record, tmp_path: Path):
    lines = [
        gdelt_line("gdelt1", SQLDATE="19850101", Actor1CountryCode="DEU", Actor2CountryCode="XYZ"),
        gdelt_line("gdelt1", SQLDATE="19950101", Actor1CountryCode="DEU", Actor2CountryCode=""),
    ]
    (found,) = read(record, tmp_path, written(tmp_path, "day.CSV", *lines))
    rows = pl.read_parquet(found.output).sort("date")
    assert rows["source_country"].to_list() == [260, 255]
    assert rows["target_country"].to_list() == [None, None]


OTHERS = {
    "icews": (
        "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code"
        "\tIntensity\tTarget Name\tTarget Sectors\tTarget Country\tLatitude\tLongitude",
        '20\t2015-01-05\tMinister "A"\tGov\tChina\tAccuse\t112\t-2.0\tJapan\tGov\tJapan\t35\t139',
        (710, 740, "ACCUSE", 3),
    ),
    "polecat": (
        "Event ID\tEvent Date\tEvent Type\tEvent Mode\tIntensity\tQuad Code\tActor Name"
        "\tActor Country\tRecipient Name\tRecipient Country\tLatitude\tLongitude",
        "a1\t2015-01-05\tCONSULT\tvisit\t1.0\tVERBAL COOPERATION\tX\tUSA\tY\tKOR\t37.5\t127",
        (2, 732, "CONSULT", 1),
    ),
    "acled": (
        "event_id_cnty,event_date,year,event_type,actor1,actor2,latitude,longitude,notes",
        'CHN1,2015-01-05,2015,Battles,Military Forces of China (2012-),"Rebels, all",30,100,"a, b"',
        (710, None, "ASSAULT", 4),
    ),
    "ucdp": (
        "id,relid,year,side_a,side_b,gwnoa,gwnob,latitude,longitude,date_start,date_end,best",
        '5,r,2015,Government of Yemen,Rebels,678,,15,44,"2015-01-05 00:00:00.000",2015-01-05,3',
        (679, None, "ASSAULT", 4),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_formats_become_the_same_rows(record: Record, tmp_path: Path, name: str):
    header, line, wanted = OTHERS[name]
    (found,) = read(record, tmp_path, written(tmp_path, "events.csv", header, line))
    assert (found.format, found.events, found.set_aside) == (name, 1, 0)
    row = pl.read_parquet(found.output).row(0, named=True)
    got = tuple(row[key] for key in ("source_country", "target_country", "event", "quad"))
    assert got == wanted
    assert str(row["date"]) == "2015-01-05"


def test_every_format_is_tried():
    assert {*GDELT, *OTHERS} == {form.name for form in FORMATS}


def test_a_file_read_before_is_kept_and_a_changed_one_is_read(record: Record, tmp_path: Path):
    path = written(tmp_path, "day.CSV", gdelt_line("gdelt1"))
    (first,) = read(record, tmp_path, path)
    (again,) = read(record, tmp_path, path)
    assert not first.known
    assert again.known
    assert again.output == first.output
    assert (again.events, again.set_aside) == (first.events, first.set_aside)
    (other,) = read(
        record, tmp_path, written(tmp_path, "day.CSV", gdelt_line("gdelt1", EventCode="112"))
    )
    assert not other.known
    assert other.output != first.output


def test_packed_files_are_read_and_nothing_is_left_behind(record: Record, tmp_path: Path):
    text = gdelt_line("gdelt2") + "\n"
    packed = tmp_path / "day.CSV.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    archive = tmp_path / "other.CSV.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("other.CSV", text)
    found = read(record, tmp_path, packed, archive)
    assert [one.events for one in found] == [1, 1]
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".parquet"}


def test_what_cannot_be_read_is_said_with_what_was_expected(record: Record, tmp_path: Path):
    bad = written(tmp_path, "notes.txt", "these are notes")
    with pytest.raises(BadInputError, match="cannot be told"):
        read(record, tmp_path, bad)
    with pytest.raises(UnknownNameError, match="gdelt2"):
        read(record, tmp_path, bad, format_name="gdelt9")
    with pytest.raises(BadInputError, match="not a file"):
        read(record, tmp_path, tmp_path)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(BadInputError, match="cannot be read"):
        read(record, tmp_path, broken)
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as file:
        file.writestr("a", "1")
        file.writestr("b", "2")
    with pytest.raises(BadInputError, match="holds 2 files"):
        read(record, tmp_path, two)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(BadInputError, match="cannot be told"):
        read(record, tmp_path, empty)
    occupied = written(tmp_path, "occupied", "x")
    with pytest.raises(CannotWriteError):
        read_event_files([bad], occupied, record)
