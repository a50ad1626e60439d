"""Write what is made from the program: catalogue, data terms, measures, tables of the laws."""

import json
import re
import sys
import tomllib
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from ensemble_page import ensemble_page
from onset_scores import onset_rival_terms, onset_tables
from speed_page import speed_page

from foedus.claim.proposition import Proposition, fill, propositions
from foedus.estimate.law_posterior import law_fingerprint, read_law
from foedus.estimate.posterior import SHIPPED, read_posterior
from foedus.model.laws.ladder import FORCE, QUIET_MONTHS, RUNGS
from foedus.model.order import CANDIDATES, CARRIED, ESTIMATED, FITS, LAWS
from foedus.policy.courses import course_names, load_course
from foedus.policy.instruments import instrument_names, load_instrument
from foedus.record.schema import Ship, Table, Terms
from foedus.record.sources import source_of, tables
from foedus.record.store import BUNDLE, Record
from foedus.score.scorecard import Scorecard, read_scorecards
from foedus.simulate.ladder import length, reached
from foedus.study.fit_report import series_section
from foedus.study.known_truth import known_truth
from foedus.study.law_cases.disputes import everything, pair_months
from foedus.study.law_cases.within_dispute import episodes, ladder_rows, meetings, pauses
from foedus.study.lever_designs import lever_designs
from foedus.study.measure_concept import all_measures
from foedus.study.score_coder import agreement
from foedus.study.score_parts.ladder_icb import crisis_pairs
from foedus.study.within_dispute import WITHIN_MONTHS
from foedus.study.within_dispute import run as run_ladder

DOCS = Path(__file__).parent
_TERMS = {
    Terms.OPEN: "Open licence or public domain.",
    Terms.RESEARCH: "Free for research with citation.",
    Terms.RESTRICTED: "Not to be passed on.",
}


def catalogue() -> str:
    """Describe every table and column from the source files."""
    parts = [
        "# The record, table by table",
        "",
        "Made from the TOML file beside each source; `foedus record show TABLE` prints the same.",
        "",
        "| table | row | years | absent row means | known after | ships |",
        "|---|---|---|---|---|---|",
    ]
    for spec in tables().values():
        absent = "no such event or tie" if spec.absent == "none" else "nothing known"
        parts.append(
            f"| [{spec.name}](#{spec.name}) | {spec.kind} | {spec.first}-{spec.last} "
            f"| {absent} | {spec.lag_months} months | {spec.ship} |"
        )
    for spec in tables().values():
        parts += ["", *_table(spec)]
    return "\n".join(parts) + "\n"


def _table(spec: Table) -> list[str]:
    lines = [
        f'## <a id="{spec.name}"></a>`{spec.name}`: {spec.title}',
        "",
        f"{spec.producer}, version {spec.version}; {spec.countries}. Key: {', '.join(spec.key)}. "
        f"Source module `{source_of(spec.name)}`. {spec.lag_basis}",
        "",
        "| column | type | unit | meaning | marks |",
        "|---|---|---|---|---|",
    ]
    for name, column in spec.columns.items():
        marks = []
        if column.hindsight:
            marks.append("hindsight")
        if column.estimated:
            marks.append(
                "estimated" if column.estimated is True else f"estimated where `{column.estimated}`"
            )
        if column.first or column.last:
            marks.append(f"{column.first or spec.first}-{column.last or spec.last}")
        codes = "; ".join(f"{code} = {text}" for code, text in column.codes.items())
        meaning = f"{column.meaning} ({codes})" if codes else column.meaning
        lines.append(
            f"| `{name}` | {column.type} | {_cell(column.unit or '')} | {_cell(meaning)} "
            f"| {', '.join(marks)} |"
        )
    lines += ["", f"Changed by the build: {spec.changes}"]
    if spec.cautions:
        lines += ["", "Cautions:", ""] + [f"- {caution}" for caution in spec.cautions]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def terms() -> str:
    """List what each table's terms are and what ships because of them."""
    parts = [
        "# Data terms",
        "",
        "The code is under the Apache License 2.0. The data are not ours: each table below keeps "
        "its maker's terms. The package ships derived tables only as far as those terms, as we "
        "know them, allow; whoever redistributes the package should read them first. Tables that "
        "do not ship are built on the user's machine from the user's own copy.",
        "",
    ]
    for term in Terms:
        chosen = [spec for spec in tables().values() if spec.terms is term]
        parts += [
            f"## {_TERMS[term]}",
            "",
            "| table | maker | terms as known | ships |",
            "|---|---|---|---|",
        ]
        for spec in chosen:
            ships = str(spec.ship) if spec.ship is not Ship.NONE else "nothing"
            why = f": {spec.ship_why}" if spec.ship_why else ""
            parts.append(
                f"| `{spec.name}` | {_cell(spec.producer)} | {_cell(spec.licence)} "
                f"| {ships}{_cell(why)} |"
            )
        parts.append("")
    parts += ["## How to cite", ""]
    parts += [f"- `{spec.name}`: {spec.citation}" for spec in tables().values()]
    return "\n".join(parts) + "\n"


def measures() -> str:
    """Describe every measure from the program's catalogue."""
    parts = [
        "# Measures",
        "",
        "Made from the program's catalogue; `foedus measure --list` prints the names. Every value "
        "has a unit and a state. A missing value is never zero: the row is blank and says why. "
        "Closeness and tension are fitted and have [their own page](closeness-and-tension.md).",
        "",
        "| measure | of | years | what it is |",
        "|---|---|---|---|",
    ]
    for found in all_measures().values():
        parts.append(
            f"| [{found.name}](#{found.name}) | {found.subject} | {found.first}-{found.last} "
            f"| {_cell(found.title)} |"
        )
    for found in all_measures().values():
        names = ", ".join(f"[{t}](record/catalogue.md#{t})" for t in found.tables)
        parts += [
            "",
            f'## <a id="{found.name}"></a>{found.title}',
            "",
            f"`foedus measure {found.name}`; of: {found.subject}; unit: {found.unit}.",
            "",
            f"- Formula: {found.formula}",
            f"- Source: {found.source}",
            f"- Valid for: {found.valid_for}",
            f"- Interval: {found.uncertainty}",
            f"- Tables: {names}",
        ]
        if found.reference:
            parts.append(f"- Tests hold it against: {found.reference}")
    return "\n".join(parts) + "\n"


def law_page(page: str) -> str:
    """Fill the tables of the laws into a page, between their marks; the rest is written by hand."""
    text = (DOCS / page).read_text("utf-8")

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        begin, end = (_MARK.format(f"{word} {name}") for word in ("begin", "end"))
        made = PARTS[name]() if name in PARTS else _fit(name)
        return "\n".join([begin, *made, end])

    return re.sub(_MARKED, fill, text, flags=re.DOTALL)


def marked_page(page: str) -> str:
    """Fill the tables of task one into a page, between their marks."""
    text = (DOCS / page).read_text("utf-8")
    for name, lines in {"onset scores": onset_tables, "onset rivals": onset_rival_terms}.items():
        begin, end = (_MARK.format(f"{word} {name}") for word in ("begin", "end"))
        if begin in text:
            before, after = text.split(begin)[0], text.split(end)[1]
            text = before + "\n".join([begin, *lines(), end]) + after
    return text


_MARK = "<!-- made from the program: {} -->"
_MARKED = _MARK.format("begin ([a-z-]+)") + ".*?" + _MARK.format(r"end \1")


def _fit(name: str) -> list[str]:
    law = FITS[name]
    posterior = read_posterior(name, SHIPPED, model=law.name)
    manifest, summary = posterior.manifest, posterior.summary
    deeper = "###" if law in CARRIED or name != law.name else "##"
    tables = ", ".join(f"[{t}](../record/catalogue.md#{t})" for t in manifest["tables"])
    return [
        "",
        f"{deeper} Data",
        "",
        f"A law of: {law.value}. One step is a {law.clock}. Fitted on {manifest['row_count']:,} "
        f"rows of {manifest['unit_count']:,} {_PLURAL[law.unit]}, {manifest['first_year']} to "
        f"{manifest['last_year']}. Tables: {tables}. Known in full from {manifest['known_from']}.",
        "",
        *_of_series(deeper, manifest),
        f"{deeper} Inputs",
        "",
        "| input | unit | range | meaning |",
        "|---|---|---|---|",
        *(
            f"| {t.name} | {t.unit} | {t.low:g} to {t.high:g} | {_cell(t.meaning)} |"
            for t in law.terms
        ),
        "",
        f"{deeper} Parameters",
        "",
        "Mean and 90 % interval of the posterior that ships. A log-normal or logit-normal prior is "
        "named by its median and its spread on the log or log-odds scale.",
        "",
        "| parameter | unit | estimate | 90 % interval | prior | source of the prior |",
        "|---|---|---|---|---|---|",
        *(_parameter(row) for row in summary.iter_rows(named=True)),
        "",
        f"{deeper} Checks",
        "",
        *_checks(manifest),
        *(_calibrated(name) if name == law.name else []),
        "",
    ]


def _of_series(deeper: str, manifest: dict[str, Any]) -> list[str]:
    if "series" not in manifest:
        return []
    blocks = (block for part in series_section(manifest) for block in (part, ""))
    return [f"{deeper} Series", "", *blocks]


LEVEL = 0.9
_METHODS = {"laplace": "nested Laplace", "large": "nested Laplace, more rows", "nuts": "NUTS"}
_PLURAL = {"pair": "pairs", "country": "countries", "dyad": "dyads", "series": "series"}


def _parameter(row: dict[str, Any]) -> str:
    interval = f"{row['lo90']:.3g} to {row['hi90']:.3g}"
    return (
        f"| {row['parameter']} | {row['unit']} | {row['mean']:.3g} | {interval} "
        f"| {row['prior']} | {_cell(row['prior_source'])} |"
    )


def _checks(manifest: dict[str, Any]) -> list[str]:
    lines = [
        "What the law expects before and after seeing the rows, beside what was seen (90 % "
        "ranges); the last column is the share of posterior worlds above the observed value.",
        "",
        "| statistic | observed | prior | posterior | above |",
        "|---|---|---|---|---|",
    ]
    for name, check in manifest["predictive"].items():
        before, after = check["prior"], check["posterior"]
        lines.append(
            f"| {name} | {check['observed']:.4g} | {before[0]:.4g} to {before[1]:.4g} "
            f"| {after[0]:.4g} to {after[1]:.4g} | {check['share_above']:.2f} |"
        )
    return lines


def _calibrated(name: str) -> list[str]:
    stored = _calibration().get(name, {})
    lines = []
    for method, label in _METHODS.items():
        found = stored.get(method)
        if found is None:
            continue
        if found["law"] != law_fingerprint(LAWS[name]):
            lines += ["", f"Calibration by {label}: not run yet for this form of the law."]
            continue
        verdict = "passed" if found["passed"] else "not passed"
        low, high = found["coverage_lo90"], found["coverage_hi90"]
        lines += [
            "",
            f"Calibration by {label}: in {found['worlds']} worlds of {found['rows']} rows drawn "
            f"from the priors, the truth lay in the 90 % interval in {found['coverage']:.1%} of "
            f"cases (90 % interval {low:.1%} to {high:.1%}); the least p-value of the rank "
            f"histograms of {len(found['parameters'])} parameters is {found['least_rank_p']:.3f}. "
            f"Verdict: {verdict}.",
        ]
    return lines


def laws() -> str:
    """List the laws, what each is of, and how it did on its checks."""
    parts = [
        "# Laws of motion",
        "",
        "A law is one conditional distribution, called by estimation, simulation and scoring "
        "alike. Each has one file in `model/laws/`, priors in `model/parameters/` and a posterior "
        "that ships; `foedus fit LAW` fits it again on the record in use.",
        "",
        "| law | of | step | rows | years | kind |",
        "|---|---|---|---|---|---|",
    ]
    kinds = ((ESTIMATED, "estimated"), (CANDIDATES, "candidate"), (CARRIED, "carried"))
    for group, kind in kinds:
        for law in group:
            page = "carried.md" if kind == "carried" else f"{law.name}.md"
            for name in (name for name, one in FITS.items() if one is law):
                manifest = read_posterior(name, SHIPPED, model=law.name).manifest
                of = law.value if name == law.name else "the same, on the series forecasts carry"
                parts.append(
                    f"| [{name}]({page}) | {of} | {law.clock} | {manifest['row_count']:,} "
                    f"| {manifest['first_year']}-{manifest['last_year']} | {kind} |"
                )
    parts += [
        "",
        "*Candidates* are estimated, and are used only where they beat the carried version on past "
        "origins. *Carried* quantities are random walks with drift and are labelled so in every "
        "output.",
        "",
        "## How they are fitted",
        "",
        "Given the outer parameters (spreads of the levels, memory of the year's level, shape of "
        "the distribution), coefficients and levels are found by Newton's method. The outer ones "
        "are found by climbing their Laplace marginal, and drawn from a surface through its exact "
        "values at 32 nodes. Within a node the draws come from the normal closest to the "
        "posterior, not from the one around its mode, which would promise too many rare events. "
        "`foedus fit LAW --nuts` draws the same posterior with the No-U-Turn sampler and reports "
        "how far the two differ, for laws of up to 600 elements.",
        "",
        "## Calibration",
        "",
        "Parameters are drawn from the priors, rows from the law, and the law is fitted to them. "
        "Worlds are kept or thrown away by their rows alone (enough events, no count at which a "
        "draw stops). Coverage is of 90 % intervals, over all parameters; its interval takes "
        "worlds as independent. A law passes if that interval holds 90 % and no rank histogram is "
        "uneven at .01 after correction for the number of parameters.",
        "",
        "| law | method | worlds | rows each | coverage | 90 % interval | least p | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    stored = _calibration()
    for law in (*ESTIMATED, *CANDIDATES):
        held = stored.get(law.name, {})
        for method, found in ((m, held[m]) for m in _METHODS if m in held):
            if found["law"] != law_fingerprint(law):
                parts.append(f"| {law.name} | {_METHODS[method]} | | | | | | not run yet |")
                continue
            parts.append(
                f"| {law.name} | {_METHODS[method]} "
                f"| {found['worlds']} | {found['rows']} | {found['coverage']:.1%} "
                f"| {found['coverage_lo90']:.1%} to {found['coverage_hi90']:.1%} "
                f"| {found['least_rank_p']:.3f} | {'passed' if found['passed'] else 'not passed'} |"
            )
    parts += [
        "",
        "These worlds are small on purpose: 300 rows, and as few as ten events for up to twenty "
        "parameters. "
        + " ".join(_not_passed(method) for method in _METHODS)
        + " One in ten laws whose intervals are right would fail by chance. The fits that ship "
        "rest on hundreds to a hundred thousand rows, so that the worlds with more rows are nearer "
        "to them.",
    ]
    return "\n".join(parts) + "\n"


def _not_passed(method: str) -> str:
    """Say which laws did not pass by a method, and how far their intervals miss."""
    stored = _calibration()
    found = {n: methods[method] for n, methods in sorted(stored.items()) if method in methods}
    short = {n: one for n, one in found.items() if one["coverage_hi90"] < LEVEL}
    wide = {n: one for n, one in found.items() if one["coverage_lo90"] > LEVEL}
    uneven = [n for n, one in found.items() if not one["passed"] and n not in {*short, *wide}]
    said = [
        f"By {_METHODS[method]} {sum(o['passed'] for o in found.values())} of {len(found)} pass"
    ]
    for held, how in ((short, "rarely"), (wide, "often")):
        if held:
            gaps = sorted(abs(100 * (one["coverage"] - LEVEL)) for one in held.values())
            by = f"{gaps[0]:.1f}" if len(gaps) == 1 else f"{gaps[0]:.1f} to {gaps[-1]:.1f}"
            said.append(f"too {how} inside, by {by} points: {', '.join(held)}")
    if uneven:
        said.append(f"ranks are uneven for {', '.join(uneven)}")
    return f"{'; '.join(said)}."


def instruments() -> str:
    """Describe every instrument with its lever, cost and effects from the files."""
    parts = [
        "# Instruments",
        "",
        "Made from the files in `policy/instruments/`. An effect is of one unit of the lever at "
        "its full level; `assumed` is a range of ours, evenly weighed. A coefficient with which a "
        "law forecasts is never the effect of a lever.",
    ]
    for name in instrument_names():
        one = load_instrument(name)
        cost = (
            one.cost
            if isinstance(one.cost, str)
            else f"{one.cost.low:g} to {one.cost.high:g} million US dollars a year per unit "
            f"({one.cost.source}, {one.cost.year})"
        )
        parts += [
            "",
            f"## {one.title}",
            "",
            f"`{name}`: {one.what}. Lever: {one.lever} ({one.unit}), {one.low:g} to {one.high:g}; "
            f"full after {one.ramp_months} months. Used by: {', '.join(one.who)}. Cost: {cost}.",
            "",
            "| effect | law, how | on | range | evidence | estimand, reason | source |",
            "|---|---|---|---|---|---|---|",
        ]
        for effect in one.effects:
            term = f" `{effect.term}`" if effect.term else ""
            size = f"{effect.low:+g} to {effect.high:+g}"
            size += " of the depth of a pact" if effect.depth else ""
            why = f"{effect.estimand}. {effect.reason}"
            parts.append(
                f"| {effect.name} | {effect.law}, {effect.kind}{term} | {effect.on} | {size} "
                f"| {effect.evidence} | {_cell(why)} | {_cell(effect.source)} |"
            )
    return "\n".join(parts) + "\n"


def lever_page() -> str:
    """Describe what the record shows of levers, from the stored designs."""
    parts = [
        "# What the record shows of levers",
        "",
        "A coefficient that forecasts is not the effect of a lever. Each lever the record can "
        "speak of is held against the disputes that one state of a politically relevant pair "
        "begins against the other in the next year: between pairs, then within pairs, where "
        "everything that does not move about a pair drops out. Beside the lever of now is put its "
        "value two years later, which cannot have caused those disputes: a coefficient there "
        "says that lever and disputes have a common cause, or that the lever follows expected "
        "trouble. The placebo passes only if its interval holds zero and it would have seen an "
        "effect as large as the estimate with a chance of .8. The E-value is the rate ratio a "
        "hidden cause would need with both to explain one standard deviation of the lever away "
        "(VanderWeele and Ding 2017, doi:10.7326/M16-2607), then the same for the interval's end.",
        "",
        "An effect is *identified* only if its interval within pairs leaves out zero, the placebo "
        "passes and something outside disputes is known to have moved the lever. No lever on "
        "record reaches that, and within pairs none is even associated at 90 %. So the ranges of "
        "the [instruments](../policy/instruments.md) are assumed, hold either sign, and none of "
        "the numbers below enters them.",
        "",
        "| lever, of whom | years | pairs, disputes | between pairs | within pairs | placebo | "
        "power | E-value, its end | evidence |",
        "|---|---|---|---|---|---|---|---|---|",
    ]

    def estimate(value: float, low: float, high: float) -> str:
        return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"

    for one in lever_designs():
        parts.append(
            f"| {one.lever}, {one.holder} ({one.unit}) | {one.first_year}-{one.last_year} "
            f"| {one.pairs:,}, {one.disputes:,} "
            f"| {estimate(one.between, one.between_lo90, one.between_hi90)} "
            f"| {estimate(one.within, one.within_lo90, one.within_hi90)} "
            f"| {estimate(one.lead, one.lead_lo90, one.lead_hi90)} "
            f"| {one.lead_power:.2f} | {one.e_value:.2f}, {one.e_value_end:.2f} "
            f"| {one.evidence} |"
        )
    first = lever_designs()[0]
    parts += [
        "",
        f"Held fixed: {first.adjusted_for}. Intervals are 90 %, clustered by states (each state "
        "left out in turn). All years of the tables, today's vintage.",
        "",
        "## In words",
        "",
        *(f"- **{one.lever}, {one.holder}.** {one.sentence}" for one in lever_designs()),
        "",
        "## What could not be asked",
        "",
        "- Transits of the Taiwan Strait and the sorties that follow: the table of transits is not "
        "complete for 2023 to 2025 and its country labels are unsound.",
        "- Arms sales to Taiwan and activity around it: the two tables share the years 2015 to "
        "2020 alone, and activity is reported in full only from September 2020.",
        "- Command integration, counterstrike, missile defence, commitment in words: too few "
        "changes on record to compare a pair with itself; the pact as a whole stands in for them.",
        "- Tariffs and controls: trade of the pair stands in for them.",
    ]
    return "\n".join(parts) + "\n"


def known_truth_page() -> str:
    """Describe how decisions fare in worlds whose truth is known, from the stored summary."""
    found = known_truth()
    slope = f"{found['slope']:.2f} [{found['slope_lo90']:.2f}, {found['slope_hi90']:.2f}]"
    verdicts = (
        (f"the stated chance that a course is the better one is calibrated: slope {slope}, "
         "asked .8 to 1.2", found["slope_in_bar"]),
        ("mean regret is no more than that of always keeping the baseline, in every class",
         found["regret_in_bar"]),
        (f"“cannot tell” in at least 80 % of worlds without an effect: "
         f"{found['classes'][0]['cannot_tell']:.0%}", found["cannot_tell_in_bar"]),
    )  # fmt: skip
    parts = [
        "# Decisions in worlds whose truth is known",
        "",
        f"{found['worlds']} worlds are made from the priors of the laws of disputes and "
        f"escalation ({found['rows']} rows of {found['units']} units each). A lever, set at random "
        "from row to row, shifts both predictors by a known amount of either sign, from none to "
        "two standard errors. An analyst who sees the rows alone refits both laws by Laplace with "
        "the lever as one more term, says how sure it is that a course which raises the lever "
        "lowers the chance of a dispute with force, and chooses.",
        "",
        f"The lever's swing is set in each world so that an effect's standard error is "
        f"{found['error']:g}, which is also the spread of the analyst's prior for it. So the check "
        "is of the machinery (fit, difference, verdict, choice) where effects are as large as "
        "supposed; it does not show that the assumed ranges of the instruments are right.",
        "",
        *(f"- {'Reached' if reached else 'Missed'}: {words}." for words, reached in verdicts),
        "",
        "| effect, standard errors | worlds | cannot tell | told, right | regret: by the verdict | "
        "by better than even | of the baseline | coverage of the effect, disputes and escalation | "
        "held-out gain a row |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in found["classes"]:
        right = "–" if one["right_when_told"] is None else f"{one['right_when_told']:.0%}"
        coverage = ", ".join(f"{value:.2f}" for value in one["coverage"])
        gain = ", ".join(f"{value:+.4f}" for value in one["gain"])
        parts.append(
            f"| {one['size']:g} | {one['worlds']} | {one['cannot_tell']:.0%} "
            f"| {one['told']}, {right} | {one['regret_of_verdict']:.4f} "
            f"| {one['regret_of_odds']:.4f} | {one['regret_of_baseline']:.4f} | {coverage} "
            f"| {gain} |"
        )
    parts += [
        "",
        "An effect of two standard errors lies two spreads of the prior out, so that shrinking it "
        "by half is what the prior asks for and its interval misses it more often; the other "
        "classes are covered at least as often as promised.",
        "",
        "Regret is the true chance of force under what was chosen less that under the better of "
        "course and baseline. The gain is the log score of rows held out at random with the lever "
        "less without, for disputes and for escalation. `make slow` runs the worlds again; a run "
        "that was cut goes on.",
    ]
    return "\n".join(parts) + "\n"


def text_coder_page() -> str:
    """Say how texts are coded and how well, from the stored card."""
    folder = resources.files("foedus.score")
    card = json.loads(folder.joinpath("text_coder.json").read_text("utf-8"))
    labels = resources.files("foedus.study").joinpath("coder_labels")
    readers = agreement()
    templates = tomllib.loads(labels.joinpath("orders.toml").read_text("utf-8"))["templates"]
    without = len(labels.joinpath("without_events.txt").read_text("utf-8").splitlines())
    parts = [
        "# How texts are coded, and how well",
        "",
        "A sentence that names a country goes through one small network: a transformer encoder of "
        "six layers (all-MiniLM-L6-v2, Apache-2.0) with two heads trained on it. One says for "
        "every word whether it belongs to the source, to the target or to neither; the other gives "
        "the chance of each of fifteen PLOVER roots. It was trained on sentences coded by hand (Hu "
        "et al. 2024), after one pass over stories written for training (Halterman, NGEC), with "
        f"{sum(map(len, templates.values()))} patterns in orders of words that news hardly "
        f"has and {without} sentences without an event, which are part of this project. It ships "
        "in whole-number arithmetic; `python -m foedus.study.train_coder` trains it again. "
        "Sentences are split by spaCy's English model (MIT). Countries and roles come from lists "
        "of names, not from the network.",
        "",
        "## On sentences it has not seen",
        "",
        f"All {card['sentences']} sentences coded by hand are coded by networks trained without "
        "them and without any that share most of their words (five parts). Countries were labelled "
        f"on {card['codable'] + card['uncodable']} of them, drawn by chance, by two "
        "readers apart, both language models. "
        f"They agree on {readers.codable:.0%} whether both sides have a country (kappa "
        f"{readers.kappa:.2f}), and of the sentences that have one to both they name the same two "
        f"in {readers.countries:.0%}. The rates below are by the labels of the first.",
        "",
        "| what | result |",
        "|---|---|",
        f"| root, macro F1, silence counted as wrong | {card['root_f1']} |",
        f"| root, macro F1 where an event is given ({card['coded']}) | {card['root_f1_coded']} |",
        f"| quad class, macro F1 where an event is given | {card['quad_f1_coded']} |",
        f"| both countries right, of {card['codable']} sentences in which both sides have one "
        f"| {card['both_countries_right']} |",
        f"| events between two countries per sentence in which a side has none "
        f"({card['uncodable']}) | {card['spurious_each']} |",
        f"| the same with bodies of states kept (`--bodies`), nearly all rightly named "
        f"| {card['spurious_each_with_bodies']} |",
        "",
        "Roots are scored with bodies of states kept. `foedus read` leaves such events out unless "
        "`--bodies` is given, so by default more sentences stay silent and the first rate is lower "
        "by some seven points; that was estimated with the shipped network and not scored anew.",
        "",
        "| root | F1 |",
        "|---|---|",
        *(f"| {root} | {value} |" for root, value in card["by_root"].items()),
        "",
        "## Behaviour that must hold",
        "",
        "Each pattern is filled with twelve ordered pairs of countries; actors and root must both "
        "be right, or no event given where there was none. The orders of words were trained on "
        "other sentences of the same make, so these rates say that the lesson was learned, not "
        "how often news holds surprises.",
        "",
        "| behaviour | passed | tried |",
        "|---|---|---|",
        *(f"| {kind} | {done[0]} | {done[1]} |" for kind, done in card["behaviour"].items()),
        "",
        "## On sets of another kind",
        "",
        "Types that can only be one root, whoever acts. The scripted sentences of older dictionary "
        "coders were looked at and left out: their codes mark cases of a program, not events.",
        "",
        "| set | root right | tried |",
        "|---|---|---|",
        *(f"| {name} | {done[0]} | {done[1]} |" for name, done in card["transfer"].items()),
        "",
        "## What to keep in mind",
        "",
        "- One event a sentence: the likeliest source and target. A second act in it is lost.",
        "- A person without office in the lists has no country, unless the sentence says whose.",
        "- A court, police or crowd that is not named is taken to be at home.",
        "- Modes are told from words and were never scored: no gold exists for them here.",
        "- Counts of events follow reporting. Never add them to counts of another source.",
    ]
    return "\n".join(parts) + "\n"


def courses() -> str:
    """Describe every course with its steps from the files."""
    parts = [
        "# Courses of action",
        "",
        "Made from the files in `policy/courses/`. A level is beside what there is at the origin.",
    ]
    for name in course_names():
        one = load_course(name)
        origin = f" from {one.origin}" if one.origin else ""
        parts += [
            "",
            f"## {one.title}",
            "",
            f"`{name}`, {one.case or 'any case'}, {one.study}{origin}. {one.summary} Baseline: "
            f"{one.relative_to}",
            "",
            "| instrument | level | by | from | until | announced | funded | in force | note |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for step in one.steps:
            dates = (step.begins, step.until, step.announced, step.funded, step.in_force)
            level = f"{step.level:g} {load_instrument(step.instrument).unit}"
            parts.append(
                f"| {step.instrument} | {level} | {', '.join(step.by)} "
                f"| {' | '.join(day or '–' for day in dates)} | {_cell(step.note)} |"
            )
    return "\n".join(parts) + "\n"


def propositions_page() -> str:
    """List the propositions texts are held against, each with its rule."""
    every = propositions()
    absent = sum(item.test.kind == "absent" for item in every.values())
    parts = [
        "# Propositions",
        "",
        f"The {len(every)} propositions `foedus check` looks for, each a file in "
        "`src/foedus/claim/propositions`. What is estimated, the smallest effect that matters and "
        f"the specifications are fixed there. {absent} of them the record cannot answer, and the "
        "file says why.",
    ]
    for domain in dict.fromkeys(item.domain for item in every.values()):
        parts += ["", f"## {domain.capitalize()}"]
        for item in every.values():
            if item.domain == domain:
                parts += _proposition(item)
    return "\n".join(parts) + "\n"


def _proposition(item: Proposition) -> list[str]:
    test = item.test
    lines = ["", f"### {item.worded({})}", "", f"`{item.name}`. {fill(item.measure, {})}."]
    if test.kind == "absent":
        return [*lines, "", f"Not testable here: {test.why}"]
    choices = "; ".join(
        f"{name}: {', '.join(map(str, options))}" for name, options in test.specifications.items()
    )
    return [
        *lines,
        "",
        f"- Smallest effect that matters: {test.sign * test.smallest:g} {item.unit}. "
        f"{test.why_smallest}",
        f"- Supported by: {fill(item.supports, {})} Contradicted by: {fill(item.contradicts, {})}",
        f"- {len(test.ways)} specifications ({test.kind}): {choices}.",
        f"- Tables: {', '.join(test.tables)}.",
        f"- Limits: {fill(item.limits, {})}",
        f"- Literature: {' '.join(item.literature)}",
    ]


def finder_page() -> str:
    """Say how statements are found and how well, from the stored card."""
    card = json.loads(
        resources.files("foedus.score").joinpath("text_claims.json").read_text("utf-8")
    )
    told = json.loads(
        resources.files("foedus.claim").joinpath("network/finder.json").read_text("utf-8")
    )
    names = {
        "samples": "by others, in view of which the words were chosen",
        "development": "written for this purpose, used to choose the chances",
        "heldout": "written for this purpose, kept apart",
    }
    parts = [
        "# How statements are found, and how well",
        "",
        "Every sentence goes through a network of the same form as that of the "
        "[event coder](text-coder.md): an encoder (all-MiniLM-L6-v2, Apache-2.0) with three heads, "
        "for the propositions a sentence speaks of, for whether it denies them, and for its sort. "
        f"It was trained on {told['sentences']:,} sentences that a language model wrote and "
        "labelled for this purpose, part of this project, and on pairs of them joined to longer "
        "ones. A proposition counts "
        f"from a chance of {told['least']:g} on, or of {told['least_worded']:g} where the sentence "
        "holds words that its file lists. Who is meant comes from the names in the text "
        "and from pacts and disputes on record, whoever is focal. "
        "`python -m foedus.study.train_finder` trains it again.",
        "",
        "## On essays read sentence by sentence",
        "",
        "Fourteen essays of several regions, opinions and manners were written and then read "
        "sentence by sentence by a language model that knew the propositions and not the program. "
        "No person has read them over, and how far two readers would agree is not known. The "
        "essays kept apart chose nothing, but were scored four times while the network was made. "
        "A statement is wrong if the reader neither "
        "listed it nor would accept it.",
        "",
        "| essays | sentences | statements listed | of them found | given | of them right "
        "| stated or denied as read | slots as read |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, words in names.items():
        one = card[name]
        parts.append(
            f"| {one['essays']} {words} | {one['sentences']} | {one['stated']} "
            f"| {one['found']} ({one['found'] / one['stated']:.2f}) | {one['given']} "
            f"| {one['right']} ({one['right'] / one['given']:.2f}) "
            f"| {one['same_sense']} of {one['found']} | {one['slots_right']} of {one['slots']} |"
        )
    parts += [
        "",
        "## What to keep in mind",
        "",
        "- A sentence is read by itself: what only the one before makes plain is lost.",
        "- Irony, and claims between the lines, are not heard.",
        "- A statement that is not found is not tested: that a text holds no contradicted claim "
        "does not follow from a report without one.",
        "- The sort of a sentence is a soft boundary: trend, description and cause mix.",
    ]
    return "\n".join(parts) + "\n"


def ladder_record() -> list[str]:
    """Say what the rows of the ladder rest on, and hold disputes run by the law beside them."""
    record = Record(BUNDLE, BUNDLE / "no-local-record")
    found = meetings(record, everything())
    whole = episodes(found)
    rows = ladder_rows(record, everything(), pair_months(record, everything()))
    one, quiet = rows.episodes, pauses(found)
    level = one.level[one.inside]
    share = [(level == rung).mean() for rung in range(len(RUNGS))]
    begun = np.bincount(one.level[:, 0], minlength=len(RUNGS)) / len(one.first)
    lengths = one.last - one.first + 1
    run = run_ladder(read_law("ladder", SHIPPED), dict(rows.standing), seed=1, repeated=1)
    drawn = length(run)
    seen = [(one.level[:, :m] >= FORCE).any(axis=1).mean() for m in WITHIN_MONTHS]
    ours = [reached(run, FORCE, m).mean() for m in WITHIN_MONTHS]
    lines = [
        "",
        "| what | count |",
        "|---|---|",
        f"| incidents on record | {found.known:,} |",
        *(f"| left out, {why} | {count:,} |" for why, count in rows.left_out.items()),
        f"| disputes that began in 1993 or later | {len(np.unique(whole.dispute)):,} |",
        f"| meetings of two states followed, {one.again.sum()} of them begun anew after more than "
        f"six quiet months in the same dispute | {len(one.first):,} |",
        f"| months followed | {len(level):,} |",
        f"| pauses of a month or more between two incidents of a dispute | {len(quiet):,} |",
        f"| of them longer than six months | {(quiet > QUIET_MONTHS).sum():,} |",
        "",
        "| level | share of months | share of first months |",
        "|---|---|---|",
        *(f"| {name} | {share[k]:.1%} | {begun[k]:.1%} |" for k, name in enumerate(RUNGS)),
        "",
        "Disputes run by the law from the onset, at the terms of the same pairs, beside the record "
        "(in the sample it was fitted on):",
        "",
        "| what follows an onset | record | law |",
        "|---|---|---|",
        *(
            f"| use of force by month {m} | {seen[k]:.0%} | {ours[k]:.0%} |"
            for k, m in enumerate(WITHIN_MONTHS)
        ),
        f"| over within a month | {(lengths == 1).mean():.0%} | {(drawn == 1).mean():.0%} |",
        f"| longer than twelve months | {(lengths > 12).mean():.0%} | {(drawn > 12).mean():.0%} |",
        f"| mean length, months | {lengths.mean():.1f} | {drawn.mean():.1f} |",
        "",
        "Lengths of the record are cut where it ends; those of the law at "
        f"{len(run)} months, reached by {(drawn > len(run) - QUIET_MONTHS).mean():.0%} of draws.",
        "",
    ]
    return lines


def ladder_scores() -> list[str]:
    """List what the ladder and its rivals earned on the test years."""
    cards = [card for card in _ladder_cards() if card.split == "test" and card.clusters != "none"]
    picked = {card.question: card for card in _ladder_cards() if card.split == "choice"}
    lines = []
    for card in cards:
        ours = next(score for score in card.scores if score.forecaster == "law of the ladder")
        counted = f"{ours.cases:,} of {card.promised:,} cases"
        looks = "once" if card.looks == 1 else f"{card.looks} times"
        lines += [
            "",
            f"**{card.question}.** {card.first} to {card.last}, {counted}, looked at {looks}. "
            f"Chosen on {picked[card.question].first} to {picked[card.question].last}: "
            f"{card.chosen}.",
            "",
            f"| forecaster | {' | '.join(ours.measures)} | law of the ladder less this, "
            f"{card.lead} [90 %] |",
            f"|---|{'---|' * (len(ours.measures) + 1)}",
        ]
        for score in card.scores:
            gap = ours.against.get(score.forecaster)
            apart = f"{gap.mean:+.4f} [{gap.lo90:+.4f}, {gap.hi90:+.4f}]" if gap else ""
            values = " | ".join(_plain(value) for value in score.measures.values())
            lines.append(f"| {score.forecaster} | {values} | {apart} |")
    return [*lines, ""]


def ladder_crises() -> list[str]:
    """Hold what the ladder implies beside later crises."""
    cards = [card for card in _ladder_cards() if card.clusters == "none"]
    lines = [
        "",
        "| question | forecaster | expected | 90 % interval | recorded |",
        "|---|---|---|---|---|",
    ]
    for card in cards:
        for score in card.scores:
            m = score.measures
            lines.append(
                f"| {card.question} | {score.forecaster} | {m['expected']:.1f} "
                f"| {m['lo90']:.1f} to {m['hi90']:.1f} | {m['recorded']:.1f} |"
            )
    record = Record(BUNDLE, BUNDLE / "no-local-record")
    panel = pair_months(record, everything())
    lines += [
        "",
        "| crises of relevant pairs that began | meetings of pairs | crises | violent | median "
        "months | longer than twelve months |",
        "|---|---|---|---|---|---|",
    ]
    for first, last in ((1946, 1992), (1993, 2014), (2015, 2019)):
        seen = crisis_pairs(record, panel, first, last)
        months = seen["months"].to_numpy()
        lines.append(
            f"| {first} to {last} | {seen.height} | {seen['crisno'].n_unique()} "
            f"| {seen['violent'].to_numpy().mean():.0%} | {np.median(months):.0f} "
            f"| {(months > 12).mean():.0%} |"
        )
    return [*lines, ""]


def _ladder_cards() -> list[Scorecard]:
    return read_scorecards("ladder")[0]


def _plain(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 20 else f"{value:.3f}"


PARTS = {
    "ladder-record": ladder_record,
    "ladder-scores": ladder_scores,
    "ladder-crises": ladder_crises,
}


def _calibration() -> dict[str, Any]:
    return json.loads((SHIPPED / "calibration.json").read_text("utf-8"))


LAW_PAGES = (*(f"laws/{law.name}.md" for law in (*ESTIMATED, *CANDIDATES)), "laws/carried.md")
PAGES = {
    "record/catalogue.md": catalogue,
    "record/terms.md": terms,
    "measures.md": measures,
    "laws/index.md": laws,
    "policy/instruments.md": instruments,
    "policy/courses.md": courses,
    "explain/lever-designs.md": lever_page,
    "explain/known-truth.md": known_truth_page,
    "explain/ensemble-scores.md": ensemble_page,
    "explain/text-coder.md": text_coder_page,
    "explain/claim-finder.md": finder_page,
    "explain/propositions.md": propositions_page,
    "howto/score.md": partial(marked_page, "howto/score.md"),
    "rivals.md": partial(marked_page, "rivals.md"),
    "explain/speed.md": speed_page,
    **{page: partial(law_page, page) for page in LAW_PAGES},
}


def main() -> int:
    """Write the pages, or with --check say whether the written ones are current."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"not current, run `make docs`: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
