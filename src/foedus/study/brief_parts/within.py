"""The ladder within a dispute: how far, how soon and for how long, if one began."""

from typing import Any

from foedus.present.words import number, percent
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Grid, Section
from foedus.study.within_dispute import (
    WITHIN_MONTHS,
    WithinDispute,
    track_record,
    within_dispute,
)
from foedus.world.cases import Case
from foedus.world.countries import country
from foedus.world.errors import FoedusError

TITLE = "Within a dispute, month by month"


def within(record: Record, case: Case, as_of: AsOf) -> WithinDispute | str:
    """Run a dispute of the rival with each ally and partner, or say why that cannot be shown."""
    others = (*case.focal, *case.partners())
    codes = [tuple(sorted((one.ccode, case.rival.ccode))) for one in others]
    try:
        return within_dispute(record, as_of, [(low, high) for low, high in codes])
    except FoedusError as error:
        return f"{error.given[:1].upper()}{error.given[1:]}."


def within_section(found: WithinDispute | str) -> Section:
    """Show what would follow an onset beside all disputes on record, and the track record."""
    if isinstance(found, str):
        return Section("within-dispute", TITLE, (f"Not shown at this date. {found}",))
    text = (
        "If a dispute began between the two, not whether one will: the chance that it has come to "
        "a display or to a use of force by the end of its first, third and twelfth month, the "
        "month in which it begins being the first, and the months from its first incident to its "
        "last. Each month is drawn from the months before it; six months without an incident end "
        f"a dispute. A pair's own terms are as of {found.terms_year}: land border, distance, both "
        "major powers, how often its disputes saw force. War counts as use of force and is not "
        "estimated for pairs. Rows differ by those terms alone. Below them stand all disputes on "
        "record, each counted once, and then each pair that met in one, as the law is fitted: "
        "coalitions that only showed force weigh more there."
    )
    rows = [
        (
            f"{country(row['ccode1']).name} and {country(row['ccode2']).name}",
            *_cells(row),
        )
        for row in found.rows.iter_rows(named=True)
    ]
    rows.append((f"all {found.disputes} disputes on record", *_cells(found.baseline)))
    rows.append((f"all {found.met} pairs that met in them", *_cells(found.by_pair)))
    grid = Grid(
        f"Given an onset: display or more, use of force, length (record of incidents 1993 to "
        f"{found.last_year})",
        (
            "pair",
            *(f"display by month {months}" for months in WITHIN_MONTHS),
            *(f"force by month {months}" for months in WITHIN_MONTHS),
            "months, mean",
            "over within a month",
        ),
        tuple(rows),
    )
    grids = (grid, *_track(found.last_year))
    return Section("within-dispute", TITLE, (text,), (), grids)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        *(percent(row[f"display_{months}"]) for months in WITHIN_MONTHS),
        *(percent(row[f"force_{months}"]) for months in WITHIN_MONTHS),
        number(row["months"], 2),
        percent(row["one_month"]),
    )


def _track(last_year: int) -> tuple[Grid, ...]:
    """Give the track record of the ladder beside the best simple rival of each question."""
    rows = track_record(last_year)
    if not rows:
        return ()
    looks = max(row["looks"] for row in rows)
    seen = "once" if looks == 1 else f"{looks} times"
    return (
        Grid(
            f"Track record of the ladder, {rows[0]['first']} to {rows[0]['last']}, fitted on the "
            f"years before each; lower is better; looked at {seen}",
            (
                "question",
                "cases",
                "score",
                "ladder",
                "best simple rule",
                "its score",
                "gap [90 %]",
                "picked on earlier years",
            ),
            tuple(
                (
                    row["question"],
                    f"{row['cases']:,}",
                    row["score_name"],
                    f"{row['score']:.3f}",
                    row["rival"],
                    f"{row['rival_score']:.3f}",
                    f"{row['difference']:+.3f} [{row['lo90']:+.3f}, {row['hi90']:+.3f}]",
                    row["chosen"],
                )
                for row in rows
            ),
        ),
    )
