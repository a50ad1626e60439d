"""Tables of task one, dispute onset, for the pages on scores and rivals, from the stored cards."""

from foedus.score import boosting
from foedus.score.scorecard import Score, Scorecard, read_scorecards
from foedus.study.score_parts import onset_rivals, pair_terms
from foedus.study.score_parts.dispute_words import in_words
from foedus.study.score_parts.disputes import CALIBRATION_BAR, LAW, MARGIN, REFERENCE

MAIN = in_words("gml", "relevant", "onset")


def onset_tables() -> list[str]:
    """Give the tables of the test years, each question beside its rivals."""
    cards, _ = read_scorecards("disputes")
    test = [card for card in cards if card.split == "test" and card.rule == "dated"]
    test = [card for card in test if _named(card, LAW) and _named(card, REFERENCE)]
    choice = {card.question: card for card in cards if card.split == "choice"}
    return [
        "",
        *_main(next(card for card in test if card.question == MAIN)),
        "",
        f"The bar is the {REFERENCE}: log loss at most {MARGIN:.4f} above it at the upper end of "
        f"the interval, calibration error at most {CALIBRATION_BAR}. The next table holds the "
        "forecaster chosen on the choice years against it.",
        "",
        *_against_the_bar(test),
        "",
        *_verdict(test),
        "",
        "The law alone and the chosen forecaster, beside the rival that was best on the choice "
        "years. Where the last column holds zero, the chosen one is as good as that rival and not "
        "better:",
        "",
        *_law_alone(test, choice),
        "",
    ]


def _named(card: Scorecard, name: str) -> Score | None:
    return next((score for score in card.scores if score.forecaster == name), None)


def _score(card: Scorecard, name: str) -> Score:
    found = _named(card, name)
    assert found is not None
    return found


def _main(card: Scorecard) -> list[str]:
    lines = [
        f"{card.question}; {card.promised:,} pair-years of {card.first} to {card.last}, "
        f"{card.events} onsets, looked at {_times(card.looks)}:",
        "",
        "| forecaster | AUC | average precision | Brier | log loss | calibration error |",
        "|---|---|---|---|---|---|",
    ]
    for score in card.scores:
        m = score.measures
        star = " (chosen)" if score.forecaster == card.chosen else ""
        lines.append(
            f"| {score.forecaster}{star} | {m['auc']:.3f} | {m['average precision']:.3f} "
            f"| {m['brier']:.5f} | {m['log loss']:.4f} | {m['calibration error']:.4f} |"
        )
    return lines


def _times(looks: int) -> str:
    return "once" if looks == 1 else f"{looks} times"


def _interval(card: Scorecard, ours: str, theirs: str) -> str:
    gap = _score(card, ours).against.get(theirs)
    return f"{gap.mean:+.4f} [{gap.lo90:+.4f}, {gap.hi90:+.4f}]" if gap else "the same"


def _against_the_bar(test: list[Scorecard]) -> list[str]:
    lines = [
        "| question | pair-years, onsets | chosen | average precision | log loss "
        f"| {REFERENCE} | difference [90 %] | calibration error | expected | looks |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for card in test:
        ours, bar = _score(card, card.chosen).measures, _score(card, REFERENCE).measures
        lines.append(
            f"| {card.question} | {card.promised:,}, {card.events} | {card.chosen} "
            f"| {ours['average precision']:.3f} | {ours['log loss']:.4f} "
            f"| {bar['log loss']:.4f} | {_interval(card, card.chosen, REFERENCE)} "
            f"| {ours['calibration error']:.4f} | {ours['expected']:.0f} | {card.looks} |"
        )
    return lines


def _verdict(test: list[Scorecard]) -> list[str]:
    """Say where the chosen forecaster beat the bar, in words that the numbers decide."""
    better, worse, open_ = [], [], []
    for card in test:
        gap = _score(card, card.chosen).against.get(REFERENCE)
        if gap is None:
            continue
        place = better if gap.hi90 < 0 else worse if gap.lo90 > 0 else open_
        place.append(card.question)
    said = [
        f"The chosen forecaster beats the bar with an interval that leaves out zero on "
        f"{len(better)} of {len(better) + len(worse) + len(open_)} questions"
    ]
    if open_:
        said.append(f"the interval holds zero on: {_listed(open_)}")
    if worse:
        said.append(f"the bar is the better one on: {_listed(worse)}")
    over = sum(_score(c, c.chosen).measures["expected"] > (c.events or 0) for c in test)
    level = f"Expected onsets exceed those that came on {over} of {len(test)} questions"
    if 2 * over > len(test):
        level += ": the level of the test years was mostly below what the years before had taught"
    return ["; ".join(said) + ".", "", level + "."]


def _listed(questions: list[str]) -> str:
    return "; ".join(f"*{question}*" for question in questions)


def _law_alone(test: list[Scorecard], choice: dict[str, Scorecard]) -> list[str]:
    lines = [
        "| question | law of disputes: log loss, average precision | best rival on the choice "
        "years | its log loss, average precision | law less rival [90 %] "
        "| chosen less rival [90 %] |",
        "|---|---|---|---|---|---|",
    ]
    for card in test:
        before = choice[card.question].scores
        simple = [score for score in before if not score.forecaster.startswith("law")]
        rival = min(simple, key=lambda score: score.measures["log loss"]).forecaster
        own, other = _score(card, LAW).measures, _score(card, rival).measures
        lines.append(
            f"| {card.question} | {own['log loss']:.4f}, {own['average precision']:.3f} | {rival} "
            f"| {other['log loss']:.4f}, {other['average precision']:.3f} "
            f"| {_interval(card, LAW, rival)} | {_interval(card, card.chosen, rival)} |"
        )
    return lines


def onset_rival_terms() -> list[str]:
    """List what each rival of the law of disputes reads, and its settings."""
    lines = ["", "| rival | reads |", "|---|---|"]
    for name, terms in onset_rivals.LOGITS.items():
        lines.append(f"| {name} | {', '.join(terms)} |")
    lines += [
        f"| {onset_rivals.LOGIT} | {', '.join(onset_rivals.RICH)} |",
        f"| {onset_rivals.BOOSTING} | {', '.join(onset_rivals.BOOSTED)} |",
        f"| the same two{onset_rivals.RIVALRY} | and strategic rivalry, coded with hindsight |",
        "",
        f"The {onset_rivals.LOGIT} is held by a normal prior of precision "
        f"{onset_rivals.RICH_RIDGE:g} on each term in units of its spread. Boosting: "
        f"{boosting.TREES} trees of {boosting.LEAVES} leaves, at least {boosting.LEAST_CASES} "
        f"pair-years in each, learning rate {boosting.LEARNING_RATE:g}, "
        f"{boosting.SHARE_OF_TERMS:g} of the terms tried at each split. The pair's own onsets "
        "fade with half-lives of "
        f"{_years(pair_terms.OWN_HALF_LIVES_YEARS)} years beside the law's two and ten, disputes "
        f"with third states with {_years(pair_terms.STATE_HALF_LIVES_YEARS)}, disputes with the "
        f"other's allies with {pair_terms.QUARREL_HALF_LIFE_YEARS:g}, crises with "
        f"{pair_terms.CRISIS_HALF_LIFE_YEARS:g}. Among all pairs logits and boosting learn from "
        "every onset, every politically relevant pair-year, and one in "
        f"{onset_rivals.SPARED_SHARE} of the others, which counts for "
        f"{onset_rivals.SPARED_SHARE}.",
        "",
    ]
    return lines


def _years(half_lives: dict[str, float]) -> str:
    *first, last = (f"{years:g}" for years in half_lives.values())
    return f"{', '.join(first)} and {last}"
