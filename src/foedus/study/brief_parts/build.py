"""The sections of a brief, in the order they are read."""

import datetime as dt

import polars as pl

from foedus.measure.balance import balance
from foedus.measure.burden import burden
from foedus.measure.dependence import dependence
from foedus.measure.effort import effort
from foedus.present import charts
from foedus.present.map import draw_map
from foedus.present.theme import FOCAL, RIVAL
from foedus.present.words import date, number, percent
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.latent_measures import closeness, single_bond_verdict, tension
from foedus.study.outlook import Outlook
from foedus.study.tension_series import SERIES
from foedus.world.arenas import PROXY_NOTE, load_arena
from foedus.world.cases import Case
from foedus.world.countries import Country, country
from foedus.world.errors import FoedusError

AGED = (
    ("Disputes (MID 5)", "dyadic_mid", "year"),
    ("Crises (ICB)", "icb_crisis", "start"),
    ("Pacts (ATOP)", "atop_dyad", "year"),
    ("Exercises (MME)", "exercises_mme_long", "year"),
    ("Goods trade (IMF)", "imf_dots_trade", "year"),
    ("Capabilities (NMC)", "nmc", "year"),
    ("Warhead stockpiles", "nuclear_warheads", "year"),
    ("Public opinion (Pew)", "pew_favourability", "year"),
    ("South China Sea incidents", "scs_incidents_monthly", "month"),
    ("Votes in the UN", "un_ideal_points", "year"),
    ("Military spending (SIPRI)", "sipri_milex", "year"),
    ("Arms deliveries (SIPRI)", "sipri_arms_register", "year"),
    ("Missile launches", "nk_missile_tests", "date"),
    ("PLA around Taiwan", "pla_taiwan_daily", "date"),
    ("US personnel abroad", "us_troops", "month"),
    ("Dated facts", "fact_pacts_2019_2026", "day"),
)


def age_section(record: Record, as_of: AsOf) -> Section:
    """Show how old the last known observation of each series is."""
    rows = []
    for label, table, column in AGED:
        if table not in record.names():
            continue
        frame = record.read(table, columns=[column], as_of=as_of)
        last = frame[column].max()
        if last is None:
            continue
        day = last if isinstance(last, dt.date) else dt.date(int(str(last)), 12, 31)
        day = min(day, as_of.day)
        rows.append(
            {
                "series": label,
                "last": day,
                "age_years": (as_of.day - day).days / 365.25,
                "table": table,
            }
        )
    frame = pl.DataFrame(rows).sort("last")
    oldest, newest = frame.row(0, named=True), frame.row(-1, named=True)
    text = (
        f"The oldest series in use, {oldest['series']}, ends {date(oldest['last'])}, "
        f"{oldest['age_years']:.0f} years before the date of knowledge; the newest, "
        f"{newest['series']}, ends {date(newest['last'])}. Old is not current: nothing below is "
        "carried to the present without saying so."
    )
    figure = Figure(
        "ages",
        "How old is what we know",
        "For each series, a dot at its last known observation and a line to the date of knowledge.",
        frame,
        tuple(frame["table"].to_list()),
        charts.ages(frame.select("series", "last", "age_years"), as_of.day),
    )
    return Section("ages", "How old is what we know", (text,), (figure,))


def map_section(record: Record, case: Case) -> Section:
    """Show the case on a map: countries, arenas, sites of US forces, disputed places."""
    places = record.read("disputed_places")
    bases = (
        record.read("us_bases")
        .filter(pl.col("ccode").is_in(list(case.countries)))
        .drop_nulls(["lat", "lon"])
        .group_by("lon", "lat")
        .agg(sites=pl.len(), places=pl.col("basename").unique().sort().str.join("; "))
        .sort("lon", "lat")
    )
    colours = {item.iso3: FOCAL for item in case.focal} | {case.rival.iso3: RIVAL}
    arenas = [load_arena(name) for name in case.arenas]
    svg = draw_map(record.read("natural_earth"), places, bases, arenas, colours)
    named = " and ".join(item.name for item in case.focal)
    text = (
        f"Filled in blue: {named}; in orange: {case.rival.name}. Green outlines are the arenas in "
        "which located events are counted. Blue dots are places of US forces, from a list that ends "
        "in 2018, to a tenth of a degree. Crosses are disputed places, with the names each side "
        "uses; dashed lines are disputed. Naming and drawing take no side."
    )
    rows = tuple(
        (place, claims or "no note in the source")
        for place, claims in places.select("place", "claims").iter_rows()
    )
    figure = Figure(
        "map",
        "The case on a map",
        f"Map of East Asia with the arenas {', '.join(a.title for a in arenas)}, places of US forces "
        "and disputed places.",
        bases,
        ("natural_earth", "disputed_places", "us_bases"),
        svg=svg,
    )
    grid = Grid(
        "Disputed places, as Natural Earth notes who administers and claims them",
        ("place, both names", "who administers, who claims"),
        rows,
    )
    return Section("map", "The pair in one picture", (text,), (figure,), (grid,))


def bond_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show effort, closeness and dated turning points of the focal pact."""
    one, two = case.focal
    profile = effort(record, one.ccode, two.ccode, as_of)
    figures = [
        Figure(
            "effort",
            "Effort: what the two governments put in",
            "Small panels, one an indicator, each with its own unit and coverage.",
            profile,
            (
                "atop_dyad",
                "exercises_mme_long",
                "us_troops",
                "sipri_arms_register",
                "us_leader_travels",
            ),
            charts.small_multiples(
                profile.rename({"indicator": "panel"}), x="year", panel="panel", bars=True
            ),
        )
    ]
    paragraphs = [
        "Effort is what governments could change: treaty terms, exercises, presence, arms, visits. "
        "It is shown indicator by indicator, because they end in different years and no weight "
        "between them is known. A gap is a year without a report, not a zero."
    ]
    try:
        near = closeness(record, (one.ccode, two.ccode), 1950, as_of.day.year, as_of)
        if near["value"].drop_nulls().len():
            figures.append(
                Figure(
                    "closeness",
                    "Closeness: how near the two are, by dimension",
                    "Small panels, one a dimension, a line with its 90 % band.",
                    near,
                    ("un_ideal_points", "pew_favourability", "imf_dots_trade", "imf_dots_total"),
                    charts.small_multiples(
                        near.rename({"dimension": "panel"}), x="year", panel="panel"
                    ),
                )
            )
            verdict = single_bond_verdict()
            paragraphs.append(
                "Closeness is estimated, with 90 % intervals, from votes, opinion, trade and events. "
                f"{verdict.sentence} Votes in the UN measure agreement on the Assembly's agenda, not "
                "loyalty to an ally."
            )
    except FoedusError as error:
        paragraphs.append(f"Closeness cannot be shown: {error.given}.")
    turning = turning_points(record, case, as_of)
    if turning.rows:
        paragraphs.append(
            "Turning points are dated facts, each with the pages it was read on; those marked "
            "unverified rest on general knowledge."
        )
    return Section(
        "bond", "The bond", tuple(paragraphs), tuple(figures), (turning,) if turning.rows else ()
    )


def turning_points(record: Record, case: Case, as_of: AsOf, most: int = 24) -> Grid:
    """List dated facts about the focal pair, verified ones first where there are too many."""
    facts = record.read("fact_cases", as_of=as_of).filter(pl.col("case") == case.name)
    facts = facts.select("day", "date", "title", "verified", direction=pl.lit("–"))
    if facts.is_empty():
        both = [item.ccode for item in case.focal]
        members = record.read("fact_members").filter(pl.col("role") == "party")
        shared = (
            members.filter(pl.col("ccode").is_in(both))
            .group_by("id")
            .agg(pl.col("ccode").n_unique().alias("n"))
            .filter(pl.col("n") == len(both))["id"]
        )
        line = record.read("fact_timeline", as_of=as_of).filter(
            pl.col("id").is_in(shared.implode())
        )
        facts = line.select("day", "date", "title", "verified", "direction")
    shown = facts.sort("verified", "day", descending=[True, True]).head(most).sort("day")
    rows = tuple(
        (
            row["date"],
            row["title"],
            row["direction"],
            "verified" if row["verified"] else "unverified",
        )
        for row in shown.iter_rows(named=True)
    )
    left = facts.height - shown.height
    more = f" ({left} more in the record)" if left else ""
    return Grid(f"Dated turning points{more}", ("date", "what", "toward", "standing"), rows)


def rival_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show how the balance with the rival moved, by domain, for the pact and for a wider camp."""
    side = [item.ccode for item in case.focal]
    narrow = balance(record, side, [case.rival.ccode], as_of)
    narrow = narrow.filter(pl.col("year") >= 1985).with_columns(panel=pl.col("domain"))
    figure = Figure(
        "balance",
        "The two allies' share of what both sides hold",
        "One line a domain: the share of the two allies in the sum of both sides.",
        narrow.drop("missing"),
        ("sipri_milex", "imf_weo", "nmc", "nuclear_warheads"),
        charts.lines(
            narrow, x="year", series="domain", y_title="the allies' share", percent=True, height=260
        ),
    )
    spending = pl.concat(
        burden(record, item.ccode, as_of).with_columns(country=pl.lit(item.name))
        for item in (*case.focal, case.rival)
    ).filter(pl.col("year") >= 1985)
    figures = [figure]
    if spending.height:
        figures.append(
            Figure(
                "burden",
                "Military spending as a share of GDP",
                "One line a country, as SIPRI states it.",
                spending,
                ("sipri_milex",),
                charts.lines(
                    spending, x="year", series="country", y_title="share of GDP", percent=True
                ),
            )
        )
    absent = [
        item.name
        for item in case.focal
        if spending.filter(pl.col("country") == item.name).is_empty()
    ]
    note = f" No spending figures exist for {', '.join(absent)}." if absent else ""
    text = (
        f"A share above one half means that the two allies hold more than {case.rival.name}. A sum "
        "is given only where every member has a value; capability shares move when others move. "
        "Spending in constant 2023 dollars and exchange rates understates what a dollar buys where "
        f"prices are low.{note}"
    )
    return Section("rival", f"{case.rival.name} and the balance", (text,), tuple(figures))


def arena_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show each arena month by month, with breaks and reporting terms."""
    figures, paragraphs = [], []
    titles = {series.name: series.title for series in SERIES}
    for name in case.arenas:
        arena = load_arena(name)
        paragraphs.append(f"{arena.title}: {arena.reporting}")
        if not arena.located:
            figures.extend(_yearly_proxy(record, as_of) if name == "east-china-sea" else [])
            pairs = ", ".join(f"{a.name}-{b.name}" for a, b in arena.proxy_pairs)
            paragraphs.append(f"{arena.title}: {PROXY_NOTE} ({pairs}).")
            continue
        try:
            frame = tension(record, name, 2006, as_of.day.year, as_of)
        except FoedusError as error:
            paragraphs.append(f"{arena.title} cannot be shown: {error.given}.")
            continue
        breaks = [(dt.date.fromisoformat(f"{b.month}-01"), b.why) for b in arena.breaks]
        for series in arena.series:
            seen = frame.filter(pl.col("series") == series).drop_nulls("value")
            level = frame.filter(pl.col("series") == f"{series} level").drop_nulls("value")
            if seen.is_empty():
                continue
            inside = [b for b in breaks if seen["month"].min() < b[0] <= seen["month"].max()]  # type: ignore[operator]
            figures.append(
                Figure(
                    f"arena-{series.replace('_', '-')}",
                    f"{arena.title}: {titles[series]} by month",
                    "Bars are months as reported, the line is the level behind them with its 90 % "
                    "band, a dashed rule marks a break in the terms of reporting.",
                    pl.concat([seen, level]),
                    tuple(s.table for s in SERIES if s.name == series),
                    charts.monthly(seen, level, inside, seen["unit"][0]),
                )
            )
    for name in case.arenas:
        for item in load_arena(name).breaks:
            paragraphs.append(f"Break in {item.month}, {load_arena(name).title}: {item.why}.")
    return Section("arenas", "The arenas, month by month", tuple(paragraphs), tuple(figures))


def _yearly_proxy(record: Record, as_of: AsOf) -> list[Figure]:
    frame = record.read("senkaku_vessels", as_of=as_of).filter(
        (pl.col("measure") == "days") & (pl.col("period").str.len_chars() == 4)
    )
    zones = {"contiguous_zone": "contiguous zone", "territorial_sea": "territorial sea"}
    frame = frame.select(
        year=pl.col("period").cast(pl.Int32),
        value=pl.col("value").cast(pl.Float64),
        zone=pl.col("zone").replace(zones),
        unit=pl.lit("days in the year"),
        source_page="source_page",
    ).sort("zone", "year")
    return [
        Figure(
            "arena-senkaku",
            "East China Sea: days with Chinese government ships around the Senkaku/Diaoyu Islands",
            "One line a zone, by year, as the Japan Coast Guard counts.",
            frame,
            ("senkaku_vessels",),
            charts.lines(frame, x="year", series="zone", y_title="days in the year"),
        )
    ]


def partner_section(record: Record, case: Case, as_of: AsOf, outlook: Outlook) -> Section:
    """List each partner with its ties and its own risk with the rival."""
    pledges = record.read("atop_dyad", as_of=as_of)
    year = pledges["year"].max()
    owed = pledges.filter((pl.col("year") == year) & (pl.col("atop_defense") == 1))
    risk = outlook.rows.filter(
        pl.col("chosen") & (pl.col("question") == "any dispute") & (pl.col("horizon_months") == 12)
    )
    rows = tuple(_partner_row(record, case, item, owed, risk, as_of) for item in case.partners())
    grid = Grid(
        f"Partners (pledges as of {year})",
        (
            "country",
            "why it is here",
            "owed defence by",
            f"goods trade with {case.rival.name}",
            "spending, ten years' change",
            f"new dispute with {case.rival.name}, 12 months",
        ),
        rows,
    )
    text = (
        "What the case's other countries have at stake. Pledges of defence are treaty terms, trade "
        "is each one's own report, the dispute risk is the chosen simple rule's, at the age of the "
        "record. A dash is a cell the record does not fill."
    )
    return Section("partners", "Partners and the ripple", (text,), (), (grid,))


def _partner_row(
    record: Record, case: Case, item: Country, owed: pl.DataFrame, risk: pl.DataFrame, as_of: AsOf
) -> tuple[str, ...]:
    guarantors = owed.filter(
        (pl.col("ccode2") == item.ccode)
        & pl.col("ccode1").is_in([c.ccode for c in (*case.focal, case.rival)])
    )["ccode1"].to_list()
    trade = dependence(record, item.ccode, case.rival.ccode, as_of).drop_nulls("value")
    spent = (
        record.read("sipri_milex", columns=["ccode", "year", "constant_2023_musd"], as_of=as_of)
        .filter(pl.col("ccode") == item.ccode)
        .drop_nulls()
        .sort("year")
    )
    growth = "–"
    if spent.height:
        last = spent.row(-1)
        old = spent.filter(pl.col("year") == last[1] - 10)
        if old.height:
            growth = f"{last[2] / old['constant_2023_musd'][0] - 1:+.0%} to {last[1]}"
    low, high = sorted((item.ccode, case.rival.ccode))
    chance = risk.filter((pl.col("ccode1") == low) & (pl.col("ccode2") == high))
    said = "–"
    if chance.height:
        row = chance.row(0, named=True)
        said = f"{percent(row['value'])} [{percent(row['lo90'])} to {percent(row['hi90'])}]"
    share = f"{trade['value'][-1]:.0%} in {trade['year'][-1]}" if trade.height else "–"
    return (
        item.name,
        case.countries[item.ccode],
        ", ".join(country(code).name for code in guarantors) or "none of the three",
        share,
        growth,
        said,
    )


def ties_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show dependence both ways and what the publics think of each other."""
    frames = []
    for ally in case.focal:
        for one, two in ((ally, case.rival), (case.rival, ally)):
            frame = dependence(record, one.ccode, two.ccode, as_of)
            frames.append(frame.with_columns(series=pl.lit(f"{one.name} on {two.name}")))
    frame = pl.concat(frames).drop_nulls("value")
    figures = []
    if frame.height:
        figures.append(
            Figure(
                "dependence",
                "Trade dependence, both ways",
                "Share of each country's goods trade that is with the other, by the reporter's books.",
                frame,
                ("imf_dots_trade", "imf_dots_total"),
                charts.lines(
                    frame, x="year", series="series", y_title="share of goods trade", percent=True
                ),
            )
        )
    trio = [*case.focal, case.rival]
    views = record.read("pew_favourability", as_of=as_of).filter(
        pl.col("ccode1").is_in([c.ccode for c in trio])
        & pl.col("ccode2").is_in([c.ccode for c in trio])
        & (pl.col("ccode1") != pl.col("ccode2"))
    )
    views = views.select(
        "year",
        value=pl.col("fav").cast(pl.Float64),
        series=pl.col("ccode1").map_elements(lambda c: country(c).name, return_dtype=pl.String)
        + pl.lit(" of ")
        + pl.col("ccode2").map_elements(lambda c: country(c).name, return_dtype=pl.String),
        n="n_respondents",
    ).sort("series", "year")
    if views.height:
        spread = 1.645 * (pl.col("value") * (1 - pl.col("value")) / pl.col("n")).sqrt()
        views = views.with_columns(lo90=pl.col("value") - spread, hi90=pl.col("value") + spread)
        figures.append(
            Figure(
                "opinion",
                "Favourable views of each other",
                "Share of all answers that are very or somewhat favourable, with the 90 % sampling "
                "interval of a simple random sample.",
                views,
                ("pew_favourability",),
                charts.lines(views, x="year", series="series", y_title="favourable", percent=True),
            )
        )
    parts = [
        f"{name}: {values['value'][-1]:.0%} in {values['year'][-1]}, {values['value'][0]:.0%} in "
        f"{values['year'][0]}"
        for (name,), values in frame.group_by("series", maintain_order=True)
    ]
    text = (
        "Share of goods trade with the other: " + "; ".join(parts) + "."
        if parts
        else ("The record holds no trade of these pairs as reported by either side.")
    )
    more = (
        "Opinion is what publics said in surveys. The intervals hold sampling error alone, not the "
        "change from one survey mode to another."
    )
    return Section("ties", "Interdependence and domestic support", (text, more), tuple(figures))


def outlook_section(case: Case, outlook: Outlook) -> Section:
    """Show the simple rivals' forecasts with intervals, baselines and track record."""
    risk = outlook.rows.filter(
        (pl.col("unit") == "probability")
        & (pl.col("horizon_months") == 12)
        & (pl.col("question") == "any dispute")
    )
    chosen = risk.filter(pl.col("chosen")).sort("value", descending=True).head(12)
    order = chosen["subject"].to_list()
    shown = risk.filter(pl.col("subject").is_in(order))
    methods = {"base rate": 0, "own history": 1, "peace-years logit": 2}
    shown = shown.sort(pl.col("method").replace_strict(methods))
    figure = Figure(
        "outlook-disputes",
        "A new militarised dispute within 12 months, by pair",
        "Dots with 90 % intervals for each pair: base rate in grey, the pair's own history, and the "
        "logit on peace years.",
        shown,
        ("dyadic_mid", "cow_contiguity", "cow_majors", "cow_capitals", "nmc", "democracy_cow"),
        charts.interval_dots(
            shown.select("subject", "method", "value", "lo90", "hi90"),
            subject="subject",
            group="method",
            x_title="probability",
            order=order,
        ),
    )
    track = outlook.rows.filter(
        (pl.col("unit") == "probability") & (pl.col("subject") == (order[0] if order else ""))
    ).sort("question", "horizon_months", "score")
    grid = Grid(
        "Track record of the rules, at the distance of today's forecast; log loss, lower is better",
        (
            "question",
            "months",
            "rule",
            "cases",
            "events",
            "expected",
            "log loss",
            "against base rate [90 %]",
            "AUC",
            "chosen on 1990-99",
        ),
        tuple(
            (
                r["question"],
                str(r["horizon_months"]),
                r["method"],
                f"{r['cases']:,}",
                f"{r['events']:,}",
                f"{r['expected']:,.0f}",
                f"{r['score']:.4f}",
                f"{r['difference']:+.4f} [{r['difference_lo90']:+.4f}, {r['difference_hi90']:+.4f}]",
                f"{r['auc']:.2f}",
                "yes" if r["chosen"] else "",
            )
            for r in track.iter_rows(named=True)
        ),
    )
    other = outlook.rows.filter(pl.col("unit") != "probability")
    counts = Grid(
        "Arena series and spending: forecasts by simple rules, with their own track record",
        (
            "what",
            "of",
            "horizon",
            "rule",
            "median [90 %]",
            "unit",
            "cases",
            "CRPS",
            "coverage of the 90 % interval",
        ),
        tuple(
            (
                r["question"],
                r["subject"],
                f"{r['horizon_months']} months",
                r["method"],
                f"{number(r['value'])} [{number(r['lo90'])} to {number(r['hi90'])}]",
                r["unit"],
                f"{r['cases']:,}",
                number(r["score"]),
                f"{r['coverage']:.0%} [{r['coverage_lo90']:.0%} to {r['coverage_hi90']:.0%}]",
            )
            for r in other.sort("question", "subject", "horizon_months", "method").iter_rows(
                named=True
            )
        ),
    )
    text = (
        "These forecasts come from rules as simple as can be, so that later models have something to "
        "beat. A militarised dispute is a threat, display or use of force between states, most of "
        "them short and without deaths. Intervals hold the uncertainty of the rule's own numbers, not "
        "that of the rule; compare expected with events in the track record for its bias."
    )
    return Section("outlook", "A first outlook", (text, *outlook.notes), (figure,), (grid, counts))


def limit_section(record: Record, case: Case) -> Section:
    """List what the record cannot say, from the cautions of the tables and the case."""
    lines = (
        "War between these states: the record holds too few to learn from, so none is forecast.",
        "Blockade or invasion: no probability is estimated.",
        "Effects of policies: a forecasting rule's terms are not levers. Exercises, for one, go with "
        "later disputes and with earlier ones alike, which is the mark of selection, not of cause.",
        "The years since a series ended: see how old each is.",
        "What was revised since: past dates use today's vintage of each table.",
    )
    cautions = tuple(
        (name, caution)
        for name in (
            "dyadic_mid",
            "atop_dyad",
            "nmc",
            "sipri_milex",
            "us_troops",
            "pla_taiwan_daily",
            "scs_incidents_monthly",
            "imf_dots_trade",
            "un_ideal_points",
        )
        if name in record.names()
        for caution in record.spec(name).cautions
    )
    grid = Grid("Cautions of the tables used most", ("table", "caution"), cautions)
    return Section("limits", "What the record cannot say", lines, (), (grid,))
