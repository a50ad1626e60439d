"""What propositions are answered from: errors that cover, series that respect what is on record."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import t as student

from foedus.claim.proposition import Proposition, propositions
from foedus.claim.verdict import Estimate, Missing, answer
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.claim_parts import trends
from foedus.study.claim_parts.estimands import points_of, run, survival
from foedus.study.claim_parts.series import SERIES, THIRD, Case, series

WAYS = (trends.line, trends.theil_sen, trends.thirds)
QUICK = ("trend", "level", "duration")
IN_2010 = AsOf(dt.date(2010, 12, 31), Rule.KNOWN)


def _noise(draw: np.random.Generator, n: int, memory: float) -> NDArray[np.float64]:
    shocks = draw.normal(0, (1 - memory**2) ** 0.5, n)
    found = np.empty(n)
    found[0] = draw.normal()
    for at in range(1, n):
        found[at] = memory * found[at - 1] + shocks[at]
    return found


def _flagship(record: Record, as_of: AsOf | None = None) -> Case:
    return Case(record, 740, 2, 710, as_of)


def _tested(kinds: tuple[str, ...]) -> list[Proposition]:
    return [item for item in propositions().values() if item.test.kind in kinds]


@pytest.mark.parametrize(
    ("n", "memory", "least"),
    [(8, 0.0, 0.9), (8, 0.6, 0.8), (20, 0.6, 0.86), (35, 0.3, 0.88), (35, 0.6, 0.87),
     (70, 0.6, 0.87)],
)  # fmt: skip
def test_the_errors_of_a_trend_cover_it(n: int, memory: float, least: float):
    """Of 200 series each 90 % interval is to hold the slope in nine in ten, less where few years.

    The bounds lie two standard errors or more below what long simulations give.
    """
    draw = np.random.default_rng(n)
    times = np.arange(float(n))
    held = np.zeros(len(WAYS))
    for _ in range(200):
        values = 0.05 * times + _noise(draw, n, memory)
        for at, way in enumerate(WAYS):
            slope, error, freedom = way(times, values)
            held[at] += abs(slope - 0.05) < student.ppf(0.95, freedom) * error
    assert (held / 200 >= least).all()


def test_the_slopes_are_those_of_a_line_and_do_not_depend_on_its_level():
    times = np.array([0.0, 1, 2, 3, 5, 6, 7, 8, 9, 12])
    for way in WAYS:
        slope, error, _ = way(times, 3 + 2 * times)
        assert slope == pytest.approx(2)
        assert error == pytest.approx(0, abs=1e-6)
    values = 2 * times + _noise(np.random.default_rng(1), len(times), 0.5)
    for way in WAYS:
        slope, error, freedom = way(times, values)
        turned = way(times + 1950, 7 - 3 * values)
        assert turned[0] == pytest.approx(-3 * slope)
        assert turned[1] == pytest.approx(3 * error, rel=0.02)
        assert freedom == len(times) - 2


def test_the_slope_is_that_of_other_packages():
    draw = np.random.default_rng(3)
    times, values = np.arange(30.0), _noise(draw, 30, 0.4)
    fitted = sm.OLS(values, sm.add_constant(times)).fit()
    assert trends.line(times, values)[0] == pytest.approx(fitted.params[1])


def test_the_variance_given_a_memory_is_that_of_generalised_least_squares():
    draw = np.random.default_rng(4)
    times, values = np.arange(25.0), _noise(draw, 25, 0.5)
    known = trends.noise(times, values)
    for at in (0, 10, 18):
        apart = np.abs(times[:, None] - times[None, :])
        fitted = sm.GLS(values, sm.add_constant(times), trends.MEMORIES[at] ** apart).fit()
        assert known.variance[at] == pytest.approx(fitted.scale)


def test_memories_are_weighed_by_the_likelihood_of_what_the_line_leaves():
    draw = np.random.default_rng(6)
    times, values = np.arange(15.0), _noise(draw, 15, 0.5)
    line = np.column_stack([np.ones(15), times])
    rest = np.linalg.svd(line, full_matrices=True)[0][:, 2:]
    apart = np.abs(times[:, None] - times[None, :])
    likely = []
    for memory in trends.MEMORIES:
        spread = rest.T @ memory**apart @ rest
        squares = values @ rest @ np.linalg.solve(spread, rest.T @ values)
        likely.append(-np.linalg.slogdet(spread)[1] / 2 - 13 / 2 * np.log(squares))
    wanted = np.exp(np.array(likely) - max(likely))
    assert trends.noise(times, values).chance == pytest.approx(wanted / wanted.sum())


def test_the_rule_finds_a_planted_trend_and_none_where_there_is_none():
    """Six ways on two noisy measures: not one of forty is on the wrong side."""
    draw = np.random.default_rng(8)
    times = np.arange(1990.0, 2025)
    told = {0.0: [], 0.5: []}
    for effect, verdicts in told.items():
        for _ in range(40):
            shared, found = _noise(draw, 35, 0.6), []
            for _ in range(2):
                values = effect / 10 * times + 0.04 * shared + 0.03 * _noise(draw, 35, 0.6)
                for way in WAYS:
                    slope, error, freedom = way(times, values)
                    found.append(Estimate("", 10 * slope, 10 * error, freedom, 35, 1990, 2024))
            verdicts.append(answer(found, asked=6, smallest=0.1, sign=1).verdict)
    assert told[0.0].count("supported") == 0
    assert told[0.0].count("contradicted") >= 32
    assert told[0.5].count("supported") == 40


def test_survival_is_that_of_the_published_table():
    """Remissions under 6-MP (Freireich et al. 1963, Blood 21: 699-716), as tabulated in textbooks.

    The median is 23 weeks.
    """
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    age = np.array([*ended, *left], dtype=float)
    over = np.array([True] * len(ended) + [False] * len(left))
    for until, share, error in (
        (6, 0.857, 0.0764), (7, 0.807, 0.0869), (10, 0.753, 0.0963), (13, 0.690, 0.1068),
        (16, 0.627, 0.1141), (22, 0.538, 0.1282), (23, 0.448, 0.1346),
    ):  # fmt: skip
        assert survival(age, over, until) == pytest.approx((share, error), abs=6e-4)
    assert survival(age, over, 22.9)[0] > 0.5 > survival(age, over, 23)[0]


def test_every_series_a_proposition_names_is_there():
    for item in _tested(("trend",)):
        for given in item.test.ways:
            name = str(given["series"])
            assert name in SERIES or any(name.startswith(f"{third}-") for third in THIRD)


def test_every_specification_is_run_or_said_to_be_missing_and_none_is_a_copy(record: Record):
    for item in _tested(QUICK):
        found = list(run(item, _flagship(record)))
        assert len(found) == len(item.test.ways)
        ran = [e for e in found if isinstance(e, Estimate)]
        assert len({(e.value, e.error, e.n) for e in ran}) == len(ran)
        assert all(np.isfinite([e.value, e.error]).all() and e.error > 0 for e in ran)


def test_a_specification_that_comes_to_the_same_rows_is_missing(record: Record):
    item = propositions()["multilateral-ties-grow"]
    given = {**item.test.specifications, "first": (1900, 1901, 1990)}
    test = item.test.model_copy(update={"specifications": given})
    found = list(run(item.model_copy(update={"test": test}), _flagship(record)))
    copies = [e for e in found if isinstance(e, Missing)]
    assert len(copies) == 6
    assert all("comes to the same as" in e.why for e in copies)


def test_nothing_later_enters_an_answer_as_of_a_day(record: Record):
    for item in _tested(QUICK):
        case = _flagship(record, IN_2010)
        ran = [e for e in run(item, case) if isinstance(e, Estimate)]
        assert all(e.last <= 2010 for e in ran)
        assert all(t < 2011 for t in points_of(item, case))


@pytest.mark.parametrize("name", ["alliance-lowers-disputes", "allies-answer-hostility"])
def test_disputes_and_events_enter_only_once_they_were_published(record: Record, name: str):
    found = list(run(propositions()[name], _flagship(record, IN_2010)))
    ran = [e for e in found if isinstance(e, Estimate)]
    assert all(e.last <= 2002 for e in ran)
    assert ran or "known by then" in answer(found, asked=6, smallest=0.1, sign=1).why


@pytest.mark.parametrize("name", ["pacts-escalation", "deterrence-without-escalation"])
def test_a_question_that_needs_hindsight_says_so(record: Record, name: str):
    item = propositions()[name]
    found = list(run(item, _flagship(record, IN_2010)))
    judged = answer(found, asked=len(found), smallest=item.test.smallest, sign=item.test.sign)
    assert judged.verdict == "not testable here"
    assert "known only later" in judged.why
    assert "dyadic_mid.hihost" in judged.why


@dataclass(frozen=True)
class Planted(Record):
    """The record with one table replaced."""

    table: str = ""
    file: Path = Path()

    def path(self, name: str) -> Path:
        """Locate a table's file."""
        return self.file if name == self.table else super().path(name)


def test_a_row_planted_after_the_day_changes_nothing(record: Record, tmp_path: Path):
    item = propositions()["rival-arms"]
    frame = record.read("sipri_milex")
    later = frame.filter((pl.col("ccode") == 710) & (pl.col("year") == 2012))
    grown = later.with_columns(pl.col("constant_2023_musd") * 1000)
    file = tmp_path / "sipri_milex.parquet"
    pl.concat([frame.filter(pl.col("year") < 2010), grown]).write_parquet(file)
    planted = Planted(record.bundle, record.local, "sipri_milex", file)
    values = [
        [e.value for e in run(item, _flagship(which, as_of)) if isinstance(e, Estimate)]
        for which, as_of in ((record, IN_2010), (planted, IN_2010), (planted, None))
    ]
    assert values[0] == values[1]
    assert values[0] != values[2]


def test_series_keep_to_one_set_of_reporting_terms(record: Record):
    case = _flagship(record)
    zone, every = series("pla-aircraft-in-zone", case), series("pla-aircraft", case)
    assert max(zone) < 2022 + 7 / 12 < min(every)
    assert min(zone) > 2020 + 8 / 12
    assert min(series("pla-vessels", case)) > 2022 + 7 / 12


def test_no_count_runs_past_the_last_whole_year_its_table_covers(record: Record):
    case = _flagship(record)
    assert max(series("visits", case)) == 2024
    assert max(series("exercises-mme", case)) == 2010
    assert max(series("cyber-eurepoc", case)) == 2021
    assert max(series("cyber-dcid", case)) == 2020
    assert max(series("region-disputes", case)) == 2014
    assert max(series("visits", _flagship(record, IN_2010))) == 2009


def test_a_year_without_a_launch_is_none_and_a_year_without_coverage_is_absent(record: Record):
    points = series("nk-launches", _flagship(record))
    assert points[2018.0] == 0
    assert 1983.0 not in points
    assert 2026.0 not in points


def test_what_is_on_record_for_china_alone_is_not_asked_of_others(record: Record):
    case = Case(record, 740, 2, 365, None)
    for name in ("pla-aircraft", "senkaku-contiguous", "scrambles", "scs-share"):
        assert series(name, case) == {}


def test_russia_is_not_read_together_with_the_soviet_union(record: Record):
    assert min(series("milex-sipri", Case(record, 740, 2, 365, None))) == 1992


def test_a_member_of_asean_is_not_held_against_itself(record: Record):
    with_it = series("third-distance-ASEAN", Case(record, 840, 2, 710, None))
    without = series("third-distance-ASEAN", Case(record, 740, 2, 710, None))
    assert with_it
    assert with_it != without
    assert series("third-distance-PHL", Case(record, 840, 2, 710, None)) == {}


def test_event_files_count_as_one_point_each_and_only_if_they_name_all_states(record: Record):
    points = series("cooperation-taiwan-all-by-file", _flagship(record))
    assert len(points) == 5
    assert min(points) > 2018


def test_two_autocracies_share_no_democracy(record: Record):
    item = propositions()["shared-values"]
    china_vietnam = Case(record, 816, 710, 2, None)
    values = [e.value for e in run(item, china_vietnam) if isinstance(e, Estimate)]
    assert values
    assert max(values) < 0


def test_the_pact_of_japan_and_the_united_states_dates_from_1960(record: Record):
    found = next(iter(run(propositions()["alliance-endures"], _flagship(record))))
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.38, abs=0.02)
    poland = next(iter(run(propositions()["alliance-endures"], Case(record, 290, 2, 365, None))))
    assert isinstance(poland, Estimate)
    assert poland.value < found.value


def test_possessors_are_counted_as_the_source_or_from_the_first_test(record: Record):
    case = _flagship(record)
    plain, tested = series("possessors", case), series("possessors-tested", case)
    assert (plain[1963], plain[1997], plain[2010], plain[2022]) == (3, 6, 8, 9)
    assert tested[2010] == 9
    assert tested[2005] == 8
