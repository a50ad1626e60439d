from pathlib import Path

import pytest

from foedus.record.add import add_copy, read_copy, read_mapping
from foedus.record.store import Record
from foedus.world.errors import BadInputError, BadTableError

HEADER = "ccode,year,milex,milper,irst,pec,tpop,upop,cinc\n"


def write(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_copy_replaces_the_table(record: Record, tmp_path: Path):
    path = write(tmp_path, HEADER + "Japan,2023,50000,247,,,124000.5,,0.02\n")
    add_copy(path, record.spec("nmc"), tmp_path / "mine")
    added = Record(record.bundle, tmp_path / "mine").read("nmc")
    assert added.row(0, named=True)["ccode"] == 740
    assert added.row(0, named=True)["irst"] is None


def test_a_mapping_renames_and_scales(record: Record, tmp_path: Path):
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        'table = "nmc"\n[columns]\nccode = "Country"\nyear = "Year"\n'
        'tpop = { from = "People", unit = "million persons" }\n'
    )
    path = write(tmp_path, "Country,Year,People\nJPN,2023,124.5\n")
    frame = read_copy(path, Record(record.bundle, tmp_path).spec("nmc"), read_mapping(mapping))
    assert frame["tpop"].to_list() == [124500.0]
    assert frame["milex"].to_list() == [None]


def test_another_unit_than_a_scaled_one_is_refused(record: Record, tmp_path: Path):
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        'table = "nmc"\n[columns]\nccode = "c"\nyear = "y"\npec = { from = "p", unit = "joule" }\n'
    )
    path = write(tmp_path, "c,y,p\n2,2000,1\n")
    with pytest.raises(BadInputError, match="only scales"):
        read_copy(path, record.spec("nmc"), read_mapping(mapping))


def test_a_mapping_holds_no_expressions(tmp_path: Path):
    mapping = tmp_path / "map.toml"
    mapping.write_text('table = "nmc"\n[columns]\npec = { from = "p", apply = "p * 2" }\n')
    with pytest.raises(BadInputError, match="apply"):
        read_mapping(mapping)


def test_every_fault_is_named_with_its_line(record: Record, tmp_path: Path):
    rows = [
        "2,2000,1,1,1,1,1,1,0.1",
        "2,2000,1,1,1,1,1,1,0.1",
        "Atlantis,2001,1,1,1,1,1,1,0.1",
        "2,20x1,1,1,1,1,1,1,0.1",
        "2,2002,-5,1,1,1,1,1,0.1",
        "2,2003,1,1.5,1,1,1,1,0.1",
        "2,2004,1,1,1,1,1,1,1.7",
        "2,2005,1,1,1,1,inf,1,0.1",
    ]
    path = write(tmp_path, HEADER + "\n".join(rows) + "\n")
    with pytest.raises(BadTableError) as caught:
        read_copy(path, record.spec("nmc"))
    message = str(caught.value)
    for part in (
        "line 3: the key",
        "line 4: ccode is no country",
        "line 5: year is not int16",
        "line 6: milex is below 0",
        "line 7: milper is not a whole number",
        "line 8: cinc is above 1",
        "line 9: tpop is infinite",
    ):
        assert part in message


def test_a_cell_that_begins_like_a_formula_is_refused(record: Record, tmp_path: Path):
    spec = record.spec("cow_states")
    text = next(name for name, column in spec.columns.items() if column.type == "str")
    given = {"ccode": "2", "start": "1816-01-01", text: "=HYPERLINK(1)"}
    names = list(spec.columns)
    row = [given.get(name, "") for name in names]
    path = write(tmp_path, ",".join(names) + "\n" + ",".join(row) + "\n")
    with pytest.raises(BadTableError, match="formula"):
        read_copy(path, spec)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"ccode,year\n\xff\xfe2,2000\n", "UTF-8"),
        (b"", "cannot be read"),
        (b"ccode,year\n2,2000,9,9,9\n", "cannot be read"),
    ],
)
def test_an_unreadable_file_is_one_clear_error(record: Record, tmp_path: Path, content, expected):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=expected):
        read_copy(path, record.spec("nmc"))


def test_missing_columns_list_what_the_file_has(record: Record, tmp_path: Path):
    path = write(tmp_path, "country,year\n2,2000\n")
    with pytest.raises(BadTableError, match=r"whose columns are country, year"):
        read_copy(path, record.spec("nmc"))


def test_nothing_is_left_behind_by_a_refused_copy(record: Record, tmp_path: Path):
    path = write(tmp_path, HEADER + "2,notayear,1,1,1,1,1,1,0.1\n")
    with pytest.raises(BadTableError):
        add_copy(path, record.spec("nmc"), tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
