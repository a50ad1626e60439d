import datetime as dt
import json
from pathlib import Path

import pytest

from foedus.estimate.posterior import SHIPPED, read_posterior
from foedus.model.order import FITS
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.fit_laws import MEASUREMENT, fit_laws
from foedus.study.fit_report import report_text, write_report
from foedus.study.law_cases.incidents import Refused, refused_counts
from foedus.world.errors import CannotWriteError, UnknownNameError


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    monkeypatch.setenv("FOEDUS_POSTERIORS", str(folder))
    return folder


def manifest_of(name: str) -> dict:
    return json.loads((SHIPPED / name / "manifest.json").read_text("utf-8"))


def shipped_report() -> list[dict]:
    kept = {"kept": True, "seconds": None}
    return [manifest_of(name) | kept | {"law": name} for name in (*FITS, *MEASUREMENT)]


def test_a_cut_run_keeps_what_is_whole_and_goes_on_with_the_rest(record: Record, own: Path):
    def cut(text: str) -> None:
        if text.startswith("2/2") and "fitting" in text:
            raise KeyboardInterrupt

    names = ["support", "technology"]
    with pytest.raises(KeyboardInterrupt):
        fit_laws(names, record=record, seed=5, progress=cut)
    assert [path.name for path in own.iterdir()] == ["support"]
    first, second = fit_laws(names, record=record, seed=5)
    assert first["kept"]
    assert not second["kept"]
    assert all(entry["kept"] for entry in fit_laws(names, record=record, seed=5))


def test_the_same_seed_gives_the_same_draws(record: Record, own: Path):
    fit_laws(["support"], record=record, again=True)
    ours, shipped = read_posterior("support", own), read_posterior("support", SHIPPED)
    assert ours.draws.equals(shipped.draws)
    assert not {"kept", "seconds", "folder"} & set(ours.manifest)


def test_an_earlier_date_reads_no_later_row(record: Record, own: Path):
    day = AsOf(dt.date(2010, 6, 30), Rule.KNOWN)
    (entry,) = fit_laws(["support"], record=record, as_of=day)
    assert not entry["kept"]
    assert entry["last_year"] <= 2009
    assert entry["as_of"] == "2010-06-30"
    assert dt.date.fromisoformat(entry["known_from"]) <= day.day
    assert entry["row_count"] < read_posterior("support", SHIPPED).manifest["row_count"]


def test_measurement_models_whose_rows_have_not_changed_are_kept(record: Record, own: Path):
    report = fit_laws(MEASUREMENT, record=record)
    assert [entry["kept"] for entry in report] == [True, True]


def test_an_unknown_law_is_named_before_anything_is_read(own: Path):
    with pytest.raises(UnknownNameError, match="no law is called peace"):
        fit_laws(["support", "peace"])


def test_refused_series_are_counted_by_file_and_reason():
    few = [Refused(f"series {k}", "file", "too few", f"{k} months") for k in range(5)]
    found = refused_counts([*few, Refused("other", "file", "too rare", "0.01 a month")])
    assert [(row["reason"], row["count"]) for row in found] == [("too few", 5), ("too rare", 1)]
    examples = found[0]["examples"]
    assert isinstance(examples, list)
    assert examples[0] == "series 0 (0 months)"


def test_the_shipped_manifest_counts_what_was_refused():
    manifest = read_posterior("incidents", SHIPPED).manifest
    assert len(json.dumps(manifest)) < 20_000
    assert sum(row["count"] for row in manifest["refused"]) > 7000
    assert len(manifest["series"]) == manifest["unit_count"]


def test_the_report_of_all_fits_is_one_readable_page(tmp_path: Path):
    page = tmp_path / "report.md"
    report = shipped_report()
    write_report(report, page)
    text = page.read_text("utf-8")
    assert text == report_text(report)
    assert len(text.splitlines()) < 120
    assert max(len(line) for line in text.splitlines()) < 400
    for name in (*FITS, *MEASUREMENT):
        assert f"| {name} |" in text
    assert "R-hat" in text
    assert "cooperation in words, ICEWS05-15 (" in text
    assert list(tmp_path.iterdir()) == [page]


def test_a_report_says_how_far_nuts_and_laplace_differ():
    (entry,) = [entry for entry in shipped_report() if entry["law"] == "support"]
    gaps = {"constant": {"mean_gap_sd": -0.04, "sd_ratio": 0.97}}
    drawn = {
        "r_hat_max": 1.004,
        "ess_bulk_min": 812.0,
        "ess_tail_min": 640.0,
        "divergent": 0,
        "passed": True,
        "against_laplace": gaps,
    }
    text = report_text([entry | {"nuts": drawn}])
    assert "| support | 1.004 | 812 | 640 | 0 | 0.04 | 0.97 to 0.97 |" in text
    left_out = report_text([entry | {"nuts": {"left_out": "2000 elements"}}])
    assert "left out: 2000 elements" in left_out


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    with pytest.raises(CannotWriteError, match="--output"):
        write_report(shipped_report(), tmp_path / "absent" / "report.md")
