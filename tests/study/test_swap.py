"""The swap test: relabel the two camps in record and case, and every number is mirrored."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from foedus.record.build import conform, write_table
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study import country_years, dispute_cases
from foedus.study.brief_parts.findings import gather
from foedus.study.dispute_cases import TABLES
from foedus.study.outlook import outlook
from foedus.world.cases import Case, case_names, load_case
from foedus.world.countries import Country, countries, country

USA, CHINA, JAPAN, NORTH_KOREA = 2, 710, 740, 731
MIRROR = {USA: CHINA, CHINA: USA, JAPAN: NORTH_KOREA, NORTH_KOREA: JAPAN}
MIRRORED_TABLES = (*TABLES, "atop_dyad", "sipri_milex", "imf_weo", "nuclear_warheads")
WHEN = AsOf(dt.date(2026, 10, 31), Rule.KNOWN)
NUMBERS = ("value", "lo90", "hi90")


def mirror(ccode: int) -> int:
    return MIRROR.get(ccode, ccode)


@pytest.fixture(scope="module")
def mirrored_record(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Copy the tables behind outlook and balance with the camps' numbers exchanged."""
    folder: Path = tmp_path_factory.mktemp("mirrored")
    for name in MIRRORED_TABLES:
        spec = record.spec(name)
        frame = record.read(name)
        codes = [code for code in ("ccode", "ccode1", "ccode2") if code in frame.columns]
        frame = frame.with_columns(pl.col(code).replace(MIRROR) for code in codes)
        if spec.kind.startswith("pair-"):
            low = pl.min_horizontal("ccode1", "ccode2")
            high = pl.max_horizontal("ccode1", "ccode2")
            frame = frame.with_columns(ccode1=low, ccode2=high)
        write_table(conform(frame, spec), name, folder)
    return Record(record.bundle, folder)


@pytest.fixture
def mirrored_case(name: str, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Exchange the camps in the case, and the spells of the states with them."""
    spells = {mirror(code): replace(item, ccode=mirror(code)) for code, item in countries().items()}

    def relabelled() -> dict[int, Country]:
        return spells

    for module in (dispute_cases, country_years):
        monkeypatch.setattr(module, "countries", relabelled)
    case = load_case(name)
    one, two = case.focal
    return replace(
        case,
        focal=(country(mirror(one.ccode)), country(mirror(two.ccode))),
        rival=country(mirror(case.rival.ccode)),
        countries={mirror(code): why for code, why in case.countries.items()},
        beside_rival=tuple(mirror(code) for code in case.beside_rival),
    )


def probabilities(rows: pl.DataFrame, *, turned: bool) -> dict[tuple, tuple[float, ...]]:
    found = {}
    for row in rows.filter(pl.col("unit") == "probability").iter_rows(named=True):
        codes = (row["ccode1"], row["ccode2"])
        pair = tuple(sorted(mirror(code) if turned else code for code in codes))
        key = (row["question"], pair, row["horizon_months"], row["method"])
        found[key] = tuple(row[name] for name in NUMBERS)
    return found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "japan-us" else pytest.mark.slow)
        for name in case_names()
    ],
)
def test_a_mirrored_world_gets_mirrored_numbers(
    name: str,
    record: Record,
    mirrored_record: Record,
    mirrored_case: Case,
    monkeypatch: pytest.MonkeyPatch,
):
    there = outlook(mirrored_record, mirrored_case, WHEN)
    seen_there = gather(mirrored_record, mirrored_case, WHEN, there)
    for module in (dispute_cases, country_years):
        monkeypatch.setattr(module, "countries", countries)
    case = load_case(name)
    here = outlook(record, case, WHEN)
    seen_here = gather(record, case, WHEN, here)

    ours, theirs = probabilities(here.rows, turned=False), probabilities(there.rows, turned=True)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 60
    for key, numbers in ours.items():
        assert numbers == pytest.approx(theirs[key], rel=1e-6, abs=1e-9), key

    assert [item.label for item in seen_here.balance] == [item.label for item in seen_there.balance]
    for item, other in zip(seen_here.balance, seen_there.balance, strict=True):
        assert item.value == pytest.approx(other.value, rel=1e-12)
    assert seen_here.obligations == seen_there.obligations
    assert seen_here.unbalanced == seen_there.unbalanced
