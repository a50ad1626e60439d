import datetime as dt
import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.record.build import conform, write_table
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, visible
from foedus.score import proper
from foedus.study import ledger
from foedus.study.ledger import Forecast, Issued, Question, Resolved, issue, report, resolve
from foedus.study.ledger_parts import chain, series
from foedus.study.ledger_parts.lines import ForecastLine, Form, Statistic, as_data
from foedus.study.ledger_parts.questions import TEMPLATES, ask, windowed
from foedus.study.ledger_parts.rules import in_numbers, quantile_score, score
from foedus.world.arenas import Break, load_arena
from foedus.world.cases import load_case
from foedus.world.countries import find_country
from foedus.world.errors import (
    BadInputError,
    CannotWriteError,
    DamagedRecordError,
    UnknownNameError,
)

DAY = dt.date(2024, 6, 30)
READ = (
    "atop_dyad",
    "nk_missile_tests",
    "pla_taiwan_monthly",
    "sipri_milex",
    "un_ideal_points",
    "us_troops",
)


@dataclass(frozen=True)
class Story:
    """One ledger issued in mid-2024 and resolved with the whole record."""

    folder: Path
    issued: Issued
    first: bytes
    resolved: Resolved


@pytest.fixture(scope="module")
def story(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("ledgers") / "ledger"
    issued = issue("japan-us", as_of=DAY, folder=folder, record=record)
    first = (folder / chain.NAME).read_bytes()
    return Story(folder, issued, first, resolve(folder, record=record))


@pytest.fixture
def copy(story: Story, tmp_path: Path) -> Path:
    shutil.copytree(story.folder, tmp_path / "copy")
    return tmp_path / "copy"


def by_id(issued: Issued) -> dict[str, ForecastLine]:
    return {line.id: line for line in issued.lines}


def test_every_kind_of_question_is_issued_with_a_baseline_beside_it(story: Story):
    lines = story.issued.lines
    assert {line.series for line in lines} == {template.series for template in TEMPLATES}
    assert len({line.id for line in lines}) == len(lines) >= 20
    naive = {"last twelve months", "all past months", "no change"}
    for line in lines:
        assert line.baseline.method in naive
        assert line.forecast.form == line.form
        assert line.criterion.last > line.issued == DAY
        assert line.due > line.criterion.last
        assert line.source.last_covered <= line.source.published_by <= DAY
        assert line.source.address.startswith("https://")
        assert line.fingerprint.seed == ledger.SEED
        assert line.origin == "2024-06"


def test_rules_that_beat_the_baseline_on_past_origins_are_issued(story: Story):
    own = [line for line in story.issued.lines if line.forecast.method != line.baseline.method]
    assert {line.series for line in own} >= {"military_spending", "nk_launch_days"}
    for line in own:
        assert line.past.origins >= 12
        assert line.past.forecast is not None
        assert line.past.baseline is not None
        assert line.past.forecast < line.past.baseline


def test_what_is_left_out_is_listed_with_the_reason(story: Story, record: Record):
    why = {item.what: item.why for item in story.issued.left_out}
    assert "no series of drills" in why["Announced exercises"]
    assert "2010" in why["Announced exercises"]
    _, out = ask(record, load_case("china-north-korea"), AsOf(DAY))
    assert any(item.what == "military_spending, North Korea" for item in out)


def test_the_full_record_resolves_what_its_sources_reported_whole(story: Story):
    counts = report(story.folder).counts
    assert counts["issued"] == len(story.issued.lines)
    assert counts["resolved"] == len(story.resolved.resolved) >= 18
    assert counts["void"] == len(story.resolved.void) == 4
    assert counts["open"] == 0
    assert counts["issued_after_the_fact"] == counts["issued"]


def test_resolved_values_are_those_of_the_record(story: Story, record: Record):
    lines = by_id(story.issued)
    values = {(lines[d.id].series, lines[d.id].subject): d for d in story.resolved.resolved}
    troops = record.read("us_troops").filter(
        (pl.col("ccode") == 740) & (pl.col("month") == dt.date(2024, 9, 1))
    )
    assert values["us_troops", "Japan"].value == troops["troops_ad"][0]
    spent = record.read("sipri_milex").filter(pl.col("ccode") == 740)
    ratio = [spent.filter(pl.col("year") == year)["constant_2023_musd"][0] for year in (2024, 2023)]
    index = values["military_spending", "Japan"]
    assert index.value == pytest.approx(100 * ratio[0] / ratio[1])
    assert index.basis == "as reported"
    assert values["military_spending", "China"].basis == "the producer's own estimate"


def test_a_month_with_a_day_unreported_settles_nothing(story: Story, record: Record):
    july = record.read("pla_taiwan_monthly").filter(pl.col("month") == dt.date(2024, 7, 1))
    assert july["aircraft_days"][0] < july["days_in_month"][0]
    lines = by_id(story.issued)
    for done in story.resolved.void:
        rule = lines[done.id].criterion
        assert rule.first <= dt.date(2024, 7, 1) <= rule.last
        assert "2024-07" in done.reason


def test_scores_can_be_recomputed_from_the_lines(story: Story):
    lines = by_id(story.issued)
    for done in story.resolved.resolved:
        line = lines[done.id]
        assert score(line.forecast, done.value, done.outcome) == done.score
        assert score(line.baseline, done.value, done.outcome) == done.baseline_score
        if line.form is Form.EVENT:
            assert done.outcome == line.criterion.happened(done.value)


def test_the_report_pairs_each_forecast_with_its_baseline(story: Story):
    found = report(story.folder)
    lines = by_id(story.issued)
    mine = [
        done for done in story.resolved.resolved if lines[done.id].series == "military_spending"
    ]
    row = next(row for row in found.by_series if row["series"] == "military_spending")
    assert row["issued"] == "retrospective"
    assert row["resolved"] == len(mine) == 3
    gaps = [(done.score.crps or 0) - (done.baseline_score.crps or 0) for done in mine]
    assert row["difference"] == pytest.approx(np.mean(gaps))
    assert row["difference"] == pytest.approx(row["forecast"] - row["baseline"])
    assert {(row["form"], row["score"]) for row in found.overall} == {
        ("event", "brier"),
        ("event", "log_loss"),
        ("quantity", "scaled crps"),
    }


def test_a_second_issue_adds_nothing(copy: Path, story: Story, record: Record):
    before = (copy / chain.NAME).read_bytes()
    again = issue("japan-us", as_of=DAY, folder=copy, record=record, seed=1)
    assert again.lines == ()
    assert set(again.already) == set(by_id(story.issued))
    assert (copy / chain.NAME).read_bytes() == before


def test_two_cases_share_a_question_and_issue_it_once(copy: Path, story: Story, record: Record):
    other = issue("china-north-korea", as_of=DAY, folder=copy, record=record)
    assert set(other.already) < set(by_id(story.issued))
    assert {line.series for line in other.lines} == {"un_distance"}
    assert report(copy).counts["open"] == len(other.lines)


def test_resolving_only_adds_lines(story: Story, copy: Path, record: Record):
    after = (story.folder / chain.NAME).read_bytes()
    assert after.startswith(story.first)
    assert resolve(copy, record=record).resolved == ()
    assert (copy / chain.NAME).read_bytes() == after


def test_questions_not_due_stay_open_and_resolve_as_the_record_is_known(
    record: Record, tmp_path: Path
):
    issued = issue("japan-us", as_of=DAY, folder=tmp_path, record=record)
    early = resolve(tmp_path, record=record, as_of=dt.date(2024, 7, 31))
    assert early.resolved == early.void == ()
    assert len(early.waiting) == len(issued.lines)
    later = resolve(tmp_path, record=record, as_of=dt.date(2025, 1, 31))
    lines = by_id(issued)
    assert {lines[done.id].series for done in later.resolved} == {
        "nk_launch_days",
        "pla_aircraft",
        "pla_vessels",
        "us_troops",
    }
    assert all(lines[done.id].due <= dt.date(2025, 1, 31) for done in later.resolved)
    assert any("overdue" in why for _, why in later.waiting)
    last = resolve(tmp_path, record=record)
    assert len(last.resolved) + len(later.resolved) == len(issued.lines) - len(last.void)


def test_an_old_record_voids_nothing(record: Record, tmp_path: Path):
    """Coverage that ends before the due date leaves a question open, however late it is."""
    issue("japan-us", as_of=dt.date(2025, 12, 31), folder=tmp_path, record=record)
    done = resolve(tmp_path, record=record, as_of=dt.date(2026, 10, 31))
    assert done.void == done.resolved == ()
    assert any("overdue" in why for _, why in done.waiting)


def test_a_source_that_stopped_makes_its_questions_void(record: Record, tmp_path: Path):
    issued = issue("japan-us", as_of=DAY, folder=tmp_path / "ledger", record=record)
    frame = record.read("nk_missile_tests")
    write_table(frame, "nk_missile_tests", tmp_path / "local")
    stopped = Record(record.bundle, tmp_path / "local")
    spec = record.spec("nk_missile_tests").model_copy(update={"last_date": DAY, "last": 2024})
    with pytest.MonkeyPatch.context() as patch:
        given = Record.spec
        patch.setattr(
            Record, "spec", lambda self, name: spec if name == spec.name else given(self, name)
        )
        done = resolve(tmp_path / "ledger", record=stopped)
    lines = by_id(issued)
    void = [item for item in done.void if lines[item.id].series == "nk_launch_days"]
    assert len(void) == 3
    assert all("more than 12 months past the due date" in item.reason for item in void)
    assert not any(lines[item.id].series == "nk_launch_days" for item in done.resolved)
    assert report(tmp_path / "ledger").counts["void"] == len(done.void)


def test_a_change_of_reporting_terms_makes_a_question_void(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    issued = issue("japan-us", as_of=DAY, folder=tmp_path, record=record)
    korea = load_arena("korea")
    changed = replace(korea, breaks=(Break("2024-08", "counted on other terms"),))
    monkeypatch.setattr(
        series, "load_arena", lambda name: changed if name == "korea" else load_arena(name)
    )
    done = resolve(tmp_path, record=record)
    lines = by_id(issued)
    launches = {
        lines[item.id].criterion.first: item.kind
        for item in (*done.resolved, *done.void)
        if lines[item.id].series == "nk_launch_days"
    }
    assert launches == {
        dt.date(2024, 7, 1): "resolution",
        dt.date(2024, 9, 1): "void",
        dt.date(2025, 6, 1): "void",
    }


def later_disturbed(record: Record, day: dt.date, folder: Path) -> Record:
    """Copy the tables the ledger reads with everything later than a day changed or taken out."""
    for name in READ:
        spec = record.spec(name)
        frame = record.read(name)
        known = visible(frame, spec, AsOf(day, Rule.KNOWN))
        later = frame.join(known, on=list(spec.key), how="anti")
        changed = {
            "aircraft": pl.col("aircraft") * 3,
            "constant_2023_musd": pl.col("constant_2023_musd") * 3,
            "troops_ad": pl.col("troops_ad") * 2,
            "idealpointfp": -pl.col("idealpointfp"),
            "atop_defense": ~pl.col("atop_defense"),
        }
        later = later.with_columns(
            **{column: new for column, new in changed.items() if column in frame.columns}
        )
        later = later.gather_every(2)
        write_table(conform(pl.concat([known, later]), spec), name, folder)
    return Record(record.bundle, folder)


@pytest.mark.parametrize("day", [dt.date(2021, 3, 31), dt.date(2023, 11, 15), dt.date(2025, 6, 30)])
def test_later_data_never_change_an_issued_line(record: Record, tmp_path: Path, day: dt.date):
    other = later_disturbed(record, day, tmp_path / "record")
    lines = []
    for name, source in (("one", record), ("two", other)):
        issued = issue("japan-us", as_of=day, folder=tmp_path / name, record=source)
        data = [as_data(line) for line in issued.lines]
        for line in data:
            for field in ("recorded", "previous", "seal"):
                del line[field]
            del line["fingerprint"]["record"]
        lines.append(data)
    assert len(lines[0]) > 10
    assert lines[0] == lines[1]


def test_a_forecaster_can_be_passed_in(record: Record, tmp_path: Path):
    def forecaster(question: Question) -> Forecast | None:
        if question.criterion.series != "nk_launch_days":
            return None
        return Forecast("always two", np.full(10, 2.0))

    issued = issue("japan-us", as_of=DAY, folder=tmp_path, record=record, forecaster=forecaster)
    for line in issued.lines:
        assert (line.forecast.method == "always two") == (line.series == "nk_launch_days")
        assert line.baseline.method != "always two"
    event = next(
        line for line in issued.lines if line.form is Form.EVENT and line.series == "nk_launch_days"
    )
    assert event.forecast.probability == pytest.approx(10.5 / 11, abs=1e-6)


@pytest.mark.parametrize("draws", [np.empty(0), np.asarray([np.nan]), np.ones((2, 2))])
def test_draws_that_are_no_numbers_are_refused(record: Record, tmp_path: Path, draws: np.ndarray):
    with pytest.raises(BadInputError, match="finite"):
        issue(
            "japan-us",
            as_of=DAY,
            folder=tmp_path / "x",
            record=record,
            forecaster=lambda question: Forecast("bad", draws),
        )
    assert list(tmp_path.iterdir()) == []


def tamper(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))


EDITS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a number in the first line": lambda lines: [
        lines[0].replace(b'"seed":20240410', b'"seed":20240411'),
        *lines[1:],
    ],
    "a number in the last line": lambda lines: [
        *lines[:-1],
        lines[-1]
        .replace(b'"resolved":"20', b'"resolved":"21')
        .replace(b'"reason":"n', b'"reason":"N'),
    ],
    "a line taken out": lambda lines: lines[:3] + lines[4:],
    "two lines exchanged": lambda lines: [lines[1], lines[0], *lines[2:]],
    "a line twice": lambda lines: [*lines, lines[-1]],
    "a blank line": lambda lines: [*lines[:2], b"\n", *lines[2:]],
    "a space": lambda lines: [lines[0].replace(b'":"', b'": "', 1), *lines[1:]],
    "bytes that are no text": lambda lines: [lines[0], b"\xff\xfe\n", *lines[1:]],
    "a deep nest": lambda lines: [*lines, b"[" * 200_000 + b"\n"],
    "no number": lambda lines: [*lines, b'{"kind":NaN}\n'],
    "something else at the end": lambda lines: [*lines, b"my thesis"],
}


@pytest.mark.parametrize("edit", EDITS)
def test_any_edit_of_the_past_is_refused(copy: Path, record: Record, edit: str):
    path = copy / chain.NAME
    before = path.read_bytes()
    tamper(path, EDITS[edit])
    changed = path.read_bytes()
    assert changed != before
    for act in (
        lambda: report(copy),
        lambda: resolve(copy, record=record),
        lambda: issue("japan-us", as_of=DAY, folder=copy, record=record),
    ):
        with pytest.raises(DamagedRecordError, match="cannot be trusted"):
            act()
    assert path.read_bytes() == changed


def test_a_line_resealed_by_hand_breaks_the_chain_after_it(copy: Path):
    def forge(lines: list[bytes]) -> list[bytes]:
        data = json.loads(lines[0])
        data["forecast"]["quantiles"] = [1.0, 2.0, 3.0, 4.0, 5.0]
        data["seal"] = chain.seal_of(data)
        return [chain.as_text(data).encode() + b"\n", *lines[1:]]

    tamper(copy / chain.NAME, forge)
    with pytest.raises(DamagedRecordError, match="line 2 follows a line with SHA-256"):
        report(copy)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", "clear \x1b[2J the screen"),
        ("form", "event"),
        ("surprise", 1),
        ("due", "tomorrow"),
        ("recorded", "2026-01-01T00:00:00+09:00"),
        ("forecast", {"method": "x", "probability": 1.5, "quantiles": None}),
        ("forecast", {"method": "x", "probability": None, "quantiles": [5, 4, 3, 2, 1]}),
    ],
)
def test_a_well_chained_line_of_nonsense_is_refused(
    story: Story, tmp_path: Path, field: str, value: object
):
    data = json.loads(story.first.splitlines()[0])
    data[field] = value
    data["seal"] = chain.seal_of(data)
    (tmp_path / chain.NAME).write_text(chain.as_text(data) + "\n", encoding="utf-8")
    with pytest.raises(DamagedRecordError, match="no line of a ledger") as caught:
        report(tmp_path)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("kept", [1, 9, 40, 700])
def test_a_torn_last_line_is_reported_and_set_aside(
    story: Story, record: Record, tmp_path: Path, kept: int
):
    path = tmp_path / chain.NAME
    *whole, last = story.first.splitlines(keepends=True)
    torn = last[:kept]
    path.write_bytes(b"".join(whole) + torn)
    found = report(tmp_path)
    assert found.counts["issued"] == len(whole)
    assert "unfinished" in found.notes[0]
    assert path.read_bytes().endswith(torn)
    again = issue("japan-us", as_of=DAY, folder=tmp_path, record=record)
    assert len(again.lines) == 1
    aside = next(item for item in tmp_path.iterdir() if item.name.startswith("torn-"))
    assert aside.read_bytes() == torn
    assert aside.name in again.notes[0]
    assert report(tmp_path).counts["issued"] == len(whole) + 1
    assert report(tmp_path).notes == ()


def test_a_last_line_without_its_line_break_is_whole(story: Story, record: Record, tmp_path: Path):
    path = tmp_path / chain.NAME
    path.write_bytes(story.first.rstrip(b"\n"))
    assert report(tmp_path).counts["issued"] == len(story.issued.lines)
    assert len(resolve(tmp_path, record=record).resolved) == len(story.resolved.resolved)
    assert path.read_bytes().startswith(story.first)
    report(tmp_path)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_ledger_as_it_was(
    story: Story,
    record: Record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException | type[BaseException],
):
    path = tmp_path / chain.NAME
    path.write_bytes(story.first)
    real = os.write

    def half(file: int, content: bytes) -> int:
        real(file, content[: len(content) // 2])
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises((KeyboardInterrupt, CannotWriteError)):
            resolve(tmp_path, record=record)
    assert path.read_bytes() == story.first
    assert resolve(tmp_path, record=record).resolved


def test_writers_at_the_same_time_add_each_question_once(story: Story, tmp_path: Path):
    """Eight writers race with the same lines; each line is added by one of them."""
    added: list[int] = []

    def write() -> None:
        def new(now: chain.Chain) -> list[ForecastLine]:
            there = {line.id for line in now.forecasts()}
            return [line for line in story.issued.lines if line.id not in there][:4]

        for _ in range(6):
            added.append(len(chain.append(tmp_path, new)[1]))

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sum(added) == len(story.issued.lines)
    assert len(chain.read_chain(tmp_path).forecasts()) == len(story.issued.lines)


def test_a_ledger_held_by_another_program_is_left_alone(
    copy: Path, record: Record, monkeypatch: pytest.MonkeyPatch
):
    import fcntl

    monkeypatch.setattr(chain, "WAIT_SECONDS", 0.2)
    with (copy / chain.LOCK).open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CannotWriteError, match="another program"):
            resolve(copy, record=record)
        with pytest.raises(CannotWriteError, match="another program"):
            issue("japan-us", as_of=dt.date(2025, 6, 30), folder=copy, record=record)


def place_file(folder: Path) -> None:
    folder.write_text("mine")


def place_folder(folder: Path) -> None:
    (folder / chain.NAME).mkdir(parents=True)


def place_link(folder: Path) -> None:
    folder.mkdir()
    (folder / chain.NAME).symlink_to(folder / "elsewhere.jsonl")


def place_pipe(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / chain.NAME)


@pytest.mark.parametrize("hostile", [place_file, place_folder, place_link, place_pipe])
def test_what_is_no_ledger_is_left_alone(
    hostile: Callable[[Path], None], record: Record, tmp_path: Path
):
    folder = tmp_path / "x"
    hostile(folder)
    for act in (
        lambda: report(folder),
        lambda: resolve(folder, record=record),
        lambda: issue("japan-us", as_of=DAY, folder=folder, record=record),
    ):
        with pytest.raises((DamagedRecordError, CannotWriteError)):
            act()
    assert not (tmp_path / "x" / "elsewhere.jsonl").exists()


def test_a_file_too_large_is_refused_unread(copy: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chain, "MAX_BYTES", 1000)
    with pytest.raises(DamagedRecordError, match="bytes"):
        report(copy)


def test_mistakes_are_clear_and_leave_nothing_behind(record: Record, tmp_path: Path):
    folder = tmp_path / "x"
    tomorrow = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1)
    with pytest.raises(UnknownNameError, match="china-north-korea"):
        issue("japan-uk", folder=folder, record=record)
    for day in (tomorrow, dt.date(1989, 12, 31)):
        with pytest.raises(BadInputError, match="1990"):
            issue("japan-us", as_of=day, folder=folder, record=record)
    with pytest.raises(BadInputError, match="seed"):
        issue("japan-us", as_of=DAY, folder=folder, record=record, seed=-1)
    for act in (lambda: report(folder), lambda: resolve(folder, record=record)):
        with pytest.raises(UnknownNameError, match="no ledger"):
            act()
    assert list(tmp_path.iterdir()) == []


def test_a_forecast_for_today_counts_as_live(record: Record, tmp_path: Path):
    issued = issue("japan-us", folder=tmp_path, record=record)
    assert issued.lines
    assert not any(line.retrospective for line in issued.lines)
    today = dt.datetime.now(tz=dt.UTC).date()
    assert all(line.criterion.last > today for line in issued.lines)
    counts = report(tmp_path).counts
    assert counts["issued_after_the_fact"] == counts["resolved"] == counts["overdue"] == 0


def test_windows_have_not_begun_when_they_are_asked_about(record: Record):
    """Yearly spending is the exception: its year is under way, its figure unknown."""
    for day in (dt.date(2024, 1, 1), dt.date(2024, 9, 1), dt.date(2024, 12, 31)):
        questions, _ = ask(record, load_case("japan-us"), AsOf(day))
        for question in questions:
            rule = question.criterion
            begun = rule.series == "military_spending"
            assert (rule.last if begun else rule.first) > day
            assert rule.first < dt.date(2026, 2, 1)


def test_hosts_of_troops_are_those_the_pledges_name(record: Record):
    for case, hosts in (
        ("japan-us", ["JPN", "KOR", "AUS", "PHL", "THA", "GBR"]),
        ("china-north-korea", ["KOR", "JPN"]),
    ):
        questions, _ = ask(record, load_case(case), AsOf(DAY))
        found = {q.subject.countries[0] for q in questions if q.criterion.series == "us_troops"}
        assert found == {find_country(code).ccode for code in hosts}


numbers = st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.6g}"))


@given(st.lists(numbers, min_size=1, max_size=60), numbers)
def test_quantiles_are_ordered_and_the_score_is_never_negative(draws: list[float], value: float):
    rule = series.Criterion(
        series="us_troops",
        table="us_troops",
        place=None,
        countries=(740,),
        first=DAY,
        last=DAY,
        statistic=Statistic.VALUE,
        base=None,
        comparison=None,
        threshold=None,
    )
    found = in_numbers(Forecast("x", np.asarray(draws)), rule)
    assert found.quantiles is not None
    assert list(found.quantiles) == sorted(found.quantiles)
    assert quantile_score(np.asarray(found.quantiles), value) >= 0
    event = rule.model_copy(update={"comparison": "at least", "threshold": value})
    chance = in_numbers(Forecast("x", np.asarray(draws)), event).probability
    assert chance is not None
    assert 0 < chance < 1


def test_the_score_of_five_quantiles_is_the_weighted_interval_score():
    """Bracher et al. 2021, eq. 2: median with weight 1/2, intervals with half their level."""
    quantiles = np.asarray([1.0, 3.0, 4.0, 6.0, 9.0])
    for value in (0.0, 2.0, 4.0, 7.5, 12.0):
        parts = [abs(value - quantiles[2]) / 2]
        for alpha, low, high in ((0.1, 1.0, 9.0), (0.5, 3.0, 6.0)):
            width = high - low + 2 / alpha * (max(low - value, 0) + max(value - high, 0))
            parts.append(alpha / 2 * width)
        assert quantile_score(quantiles, value) == pytest.approx(sum(parts) / 2.5)


def test_the_score_of_five_quantiles_is_near_the_crps_of_the_draws():
    draws = np.random.default_rng(3).normal(100, 20, 4000)
    quantiles = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])
    for value in (60.0, 100.0, 130.0):
        whole = proper.crps(draws[None, :], np.asarray([value]))[0]
        assert quantile_score(quantiles, value) == pytest.approx(whole, rel=0.25)


def test_a_window_with_a_missing_month_has_no_value():
    values = np.asarray([1.0, np.nan, 3.0, 4.0, 5.0])
    assert np.isnan(windowed(values, 3, Statistic.SUM)[:2]).all()
    assert windowed(values, 3, Statistic.SUM)[2] == 12
    assert windowed(values, 3, Statistic.LARGEST)[2] == 5
    assert len(windowed(values, 6, Statistic.SUM)) == 0
