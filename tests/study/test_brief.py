import datetime as dt
import itertools
import json
import re
from dataclasses import asdict, replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from foedus.policy.courses import load_course
from foedus.present import page_one
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study import write_brief
from foedus.study.brief_parts.findings import gather
from foedus.study.course_question import ask
from foedus.study.outlook import Outlook, outlook
from foedus.study.write_brief import BriefResult, brief
from foedus.world.cases import Case, load_case
from foedus.world.errors import BadInputError, CannotWriteError, UnknownNameError

DAY = dt.date(2026, 10, 31)
WHEN = AsOf(DAY, Rule.KNOWN)


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write_brief, "DRAWS", 256)
        yield


@pytest.fixture(scope="module")
def ahead(record: Record) -> Outlook:
    case = load_case("japan-us")
    return outlook(record, case, WHEN, lambda: write_brief._ensemble(record, case, WHEN))


@pytest.fixture
def _given_ahead(ahead: Outlook, monkeypatch: pytest.MonkeyPatch):
    """Spare a brief what it would run for its outlook."""
    monkeypatch.setattr(write_brief, "_ensemble", lambda *_: ahead.ensemble)
    monkeypatch.setattr(write_brief, "outlook", lambda *_: ahead)


@pytest.fixture(scope="module")
def japan_us(record: Record, tmp_path_factory: pytest.TempPathFactory) -> BriefResult:
    return brief(
        "japan-us", output=tmp_path_factory.mktemp("briefs") / "jp", as_of=DAY, record=record
    )


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.identities: list[str] = []
        self.addresses: list[str] = []
        self.pictures = 0
        self.described = 0
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if given.get("id"):
            self.identities.append(str(given["id"]))
        for name in ("src", "href"):
            if given.get(name):
                self.addresses.append(str(given[name]))
        self.scripts += tag == "script"
        if tag == "svg" and given.get("role") == "img":
            self.pictures += 1
            self.described += "aria-labelledby" in given


def read(result: BriefResult) -> Page:
    page = Page()
    page.feed(result.page.read_text("utf-8"))
    return page


def test_the_page_opens_offline_and_runs_nothing(japan_us: BriefResult):
    page = read(japan_us)
    assert page.scripts == 0
    assert all(address.startswith("#") for address in page.addresses)


def test_every_figure_is_described_and_every_link_has_its_target(japan_us: BriefResult):
    page = read(japan_us)
    assert page.pictures == page.described == len(japan_us.result["figures"]) >= 12
    named = {address[1:] for address in page.addresses}
    assert named <= set(page.identities)


def test_every_word_in_a_figure_is_drawn_in_the_colour_of_text(japan_us: BriefResult):
    """Series colours are too faint for words; dots beside the words carry them."""
    page = japan_us.page.read_text("utf-8")
    words = re.findall(r"<text\b[^>]*>", page)
    assert len(words) > 100
    assert [word for word in words if 'fill="var(--ink)"' not in word] == []


def test_headings_do_not_skip_a_level(japan_us: BriefResult):
    levels = read(japan_us).headings
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_each_figure_comes_as_svg_png_and_data(japan_us: BriefResult):
    for name in japan_us.result["figures"]:
        folder = japan_us.folder / "figures"
        assert (folder / f"{name}.svg").read_text("utf-8").startswith("<svg")
        assert (folder / f"{name}.png").read_bytes()[:4] == b"\x89PNG"
        assert pl.read_csv(folder / f"{name}.csv", infer_schema_length=None).height > 0


def test_page_one_has_five_sentences_and_keeps_likelihood_from_confidence(japan_us: BriefResult):
    one = japan_us.result["page_one"]
    assert len(one["answer"]) == 5
    assert one["confidence"] in ("low", "moderate", "high")
    assert all(len(row) == 7 for row in one["likelihood"])
    assert "blockade" in " ".join(one["cannot_say"])


def test_no_percentage_below_one_is_printed_on_page_one(japan_us: BriefResult):
    text = json.dumps(japan_us.result["page_one"])
    assert re.findall(r"(?<![\d.])0(?:\.\d+)?\s?%", text) == []


def test_the_same_inputs_give_the_same_page(japan_us: BriefResult, record: Record, tmp_path: Path):
    again = brief("japan-us", output=tmp_path / "again", as_of=DAY, record=record)
    assert again.result == japan_us.result
    assert again.page.read_text("utf-8") == japan_us.page.read_text("utf-8")


def test_the_view_from_beijing_has_its_own_pact(record: Record):
    case = load_case("china-north-korea")
    plain = outlook(record, case, WHEN)
    one = write_brief._page_one(case, gather(record, case, WHEN, plain), DAY, plain)
    assert "China and North Korea owe each other defence" in one.answer[0]
    assert "against the United States" in one.answer[2]


def mirrored(text: str, names: dict[str, str]) -> str:
    pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    return pattern.sub(lambda found: names[found[0]], text)


def test_swapping_the_camps_mirrors_numbers_and_sentences(record: Record, ahead: Outlook):
    """Relabel the states in the findings: sentences must differ by the labels alone."""
    case = load_case("japan-us")
    found = gather(record, case, WHEN, ahead)
    names = {"Japan": "Atlantis", "China": "Borduria"}
    swapped = found.disputes.with_columns(
        pl.col("subject").map_elements(lambda s: mirrored(s, names), return_dtype=pl.String)
    )
    plain = [asdict(item) for item in found.balance]
    assert page_one.balance_sentence("Borduria", plain) == mirrored(
        page_one.balance_sentence("China", plain), names
    )
    assert page_one.outlook_sentence(swapped) == mirrored(
        page_one.outlook_sentence(found.disputes), names
    )
    rows = page_one.likelihood_rows(found.disputes)
    turned = sorted(tuple(mirrored(cell, names) for cell in row) for row in rows)
    assert sorted(page_one.likelihood_rows(swapped)) == turned


def test_the_other_camp_as_focal_gives_complementary_shares(record: Record):
    """Seen from the rival, each domain's share is one minus what it was from the allies."""
    from foedus.measure.balance import balance

    ours = balance(record, [740, 2], [710]).drop_nulls("value")
    theirs = balance(record, [710], [740, 2]).drop_nulls("value")
    both = ours.join(theirs, on=["domain", "year"])
    assert both.height == ours.height == theirs.height
    assert both.filter(((pl.col("value") + pl.col("value_right")) - 1).abs() > 1e-12).is_empty()


def test_the_order_of_the_allies_changes_no_number(record: Record, ahead: Outlook):
    case = load_case("japan-us")
    turned: Case = replace(case, focal=(case.focal[1], case.focal[0]))
    one, two = gather(record, case, WHEN, ahead), gather(record, turned, WHEN, ahead)
    assert one.balance == two.balance
    assert one.closeness == two.closeness
    assert one.effort == two.effort
    assert one.obligations == (two.obligations[1], two.obligations[0])


def test_an_earlier_date_uses_nothing_published_later(record: Record, tmp_path: Path):
    result = brief("japan-us", output=tmp_path / "old", as_of=dt.date(2021, 6, 30), record=record)
    ends = {row["record_end"] for row in result.result["outlook"] if row["record_end"]}
    assert max(ends) <= "2021-06-30"
    answer = " ".join(result.result["page_one"]["answer"])
    assert not re.search(r"202[2-6]", answer)


def test_mistakes_are_clear_and_leave_nothing_behind(record: Record, tmp_path: Path):
    with pytest.raises(UnknownNameError, match="china-north-korea"):
        brief("japan-uk", output=tmp_path / "x", as_of=DAY, record=record)
    with pytest.raises(BadInputError, match="1990"):
        brief("japan-us", output=tmp_path / "x", as_of=dt.date(1900, 1, 1), record=record)
    full = tmp_path / "mine"
    full.mkdir()
    (full / "thesis.txt").write_text("mine")
    (full / "result.json").write_text("{}")
    with pytest.raises(CannotWriteError, match="something else"):
        brief("japan-us", output=full, as_of=DAY, record=record)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (full / "thesis.txt").read_text() == "mine"


@pytest.mark.usefixtures("_given_ahead")
def test_an_interrupted_brief_leaves_nothing(record: Record, tmp_path: Path):
    def stop(step: str) -> None:
        if step.startswith("figure balance"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brief("japan-us", output=tmp_path / "x", as_of=DAY, record=record, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_scores_earned_on_outcomes_not_yet_known_are_left_out(record: Record):
    """In mid-2012 outcomes to 2004 were known: a rule could be chosen, its later scores not."""
    case = load_case("japan-us")
    rows = outlook(record, case, AsOf(dt.date(2012, 6, 30), Rule.KNOWN)).rows
    risk = rows.filter(pl.col("unit") == "probability")
    assert risk["score"].is_null().all()
    assert risk["difference_hi90"].is_null().all()
    assert risk.filter(pl.col("chosen"))["method"].unique().to_list() == ["history logit"]
    assert page_one.confidence(risk, 8)[0] == "low"
    assert page_one.confidence(risk, 1)[0] == "low"


def test_before_a_rule_could_be_chosen_the_base_rate_stands_in(record: Record):
    case = load_case("japan-us")
    ahead = outlook(record, case, AsOf(dt.date(2003, 6, 30), Rule.KNOWN))
    risk = ahead.rows.filter(pl.col("unit") == "probability")
    assert risk.filter(pl.col("chosen"))["method"].unique().to_list() == ["base rate"]
    assert any("No rule could yet be chosen" in note for note in ahead.notes)


@pytest.mark.usefixtures("_given_ahead")
def test_a_brief_about_a_course_puts_it_first_and_keeps_every_outcome(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(write_brief, "ask", partial(ask, draws=96))
    course = "restraint-first"
    done = brief("japan-us", output=tmp_path / "b", as_of=DAY, course=course, record=record)
    page = read(done)
    assert page.scripts == 0
    assert page.pictures == page.described > 0
    assert page.identities.index("course") < page.identities.index("dissent")
    assert page.identities.index("watch") < page.identities.index("bond")
    given = json.loads((tmp_path / "b" / "result.json").read_text("utf-8"))["course"]
    assert given["course"] == course
    assert {row["course"] for row in given["outcomes"]} >= {"baseline", "drift", "restraint-first"}
    assert load_course(course).title in done.result["page_one"]["question"]


def test_a_brief_about_an_unknown_course_writes_nothing(record: Record, tmp_path: Path):
    with pytest.raises(UnknownNameError, match="no course is called"):
        brief("japan-us", output=tmp_path / "b", as_of=DAY, course="nothing", record=record)
    assert list(tmp_path.iterdir()) == []
