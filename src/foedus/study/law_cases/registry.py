"""Which rows each law is fitted on: one entry a fit."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from foedus.estimate.laplace import Cases
from foedus.model.order import FITS
from foedus.record.store import AsOf, Record
from foedus.study.law_cases import disputes, incidents, ladder, spending, ties, within_dispute
from foedus.world.errors import UnknownNameError

TABLES: dict[str, tuple[str, ...]] = {
    "incidents": incidents.READ,
    "disputes": disputes.READ,
    "escalation": disputes.READ,
    "ladder": within_dispute.TABLES,
    "joining": (*disputes.READ, "mid5_participant", "atop_dyad"),
    "arming": spending.READ,
    "arming-sipri": ("sipri_milex", "gdp_pop_cow", "cow_states", "dyadic_mid"),
    "affinity": ("un_ideal_points",),
    "exchange": ("cow_trade_dyad", "gdp_pop_cow"),
    "growth": ("gdp_pop_cow",),
    "commitment": (*disputes.READ, "atop_dyad"),
    "carried-growth": ("gdp_pop_cow",),
    "technology": ("nmc",),
    "support": ("pew_favourability",),
    "alignment": ("atop_dyad", "nmc", "cow_states"),
}


def tables_read(name: str, record: Record) -> tuple[str, ...]:
    """Name the tables a law's rows come from, the user's own texts among them if they are here."""
    own = (incidents.OWN,) if name == "incidents" and incidents.OWN in record.names() else ()
    return (*TABLES[name], *own)


@dataclass
class Rows:
    """Builds the rows of the laws from one record as of one date, each shared panel once.

    Args:
        record: The record.
        as_of: What may be used.
    """

    record: Record
    as_of: AsOf

    @cached_property
    def pairs(self) -> disputes.PairMonths:
        """Relevant pairs by month."""
        return disputes.pair_months(self.record, self.as_of)

    @cached_property
    def countries(self) -> spending.CountryYears:
        """Countries by year."""
        return spending.country_years(self.record, self.as_of)

    @cached_property
    def series(self) -> tuple[list[incidents.MonthlySeries], list[incidents.Refused]]:
        """Monthly series that pass the coverage test, and why others do not."""
        return incidents.monthly_series(self.record, self.as_of)

    def cases(self, name: str) -> Cases:
        """Build the rows of one fit.

        Raises:
            UnknownNameError: There is no such fit.
        """
        if name not in FITS:
            raise UnknownNameError(
                f"no law is called {name!r}",
                expected=", ".join(FITS),
                where="the name of the law",
                hint="foedus fit disputes",
            )
        return self._builders()[name]()

    def _builders(self) -> dict[str, Callable[[], Cases]]:
        record, as_of = self.record, self.as_of
        first = spending.FIRST_YEAR
        return {
            "incidents": lambda: incidents.incident_cases(self.series[0]),
            "disputes": lambda: disputes.cases(self.pairs),
            "escalation": lambda: ladder.escalation_cases(
                self.pairs, ladder.onsets(record, as_of, self.pairs)
            ),
            "ladder": lambda: within_dispute.ladder_cases(
                within_dispute.ladder_rows(record, as_of, self.pairs)
            ),
            "joining": lambda: ladder.joining_cases(record, as_of, self.pairs),
            "arming": lambda: spending.arming_cases(self.countries),
            "arming-sipri": lambda: spending.arming_cases(
                spending.country_years(record, as_of, series="sipri")
            ),
            "affinity": lambda: ties.affinity_cases(record, as_of),
            "exchange": lambda: ties.exchange_cases(record, as_of, self.countries.output, first),
            "growth": lambda: spending.growth_cases(self.countries),
            "commitment": lambda: ties.commitment_cases(record, as_of, self.pairs),
            "carried-growth": lambda: spending.carried_cases(
                "carried-growth", self.countries.codes, self.countries.years, self.countries.output
            ),
            "technology": self._technology,
            "support": lambda: ties.support_cases(record, as_of),
            "alignment": lambda: ties.alignment_cases(record, as_of),
        }

    def _technology(self) -> Cases:
        codes, years, level = spending.capability(self.record, self.as_of)
        return spending.carried_cases("technology", codes, years, np.asarray(level))
