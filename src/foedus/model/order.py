"""The laws of the model, in the order in which the parameter page lists them.

Every law reads the state of the month before, so their order within a month cannot matter.
"""

from foedus.model.law import AbstractLaw
from foedus.model.laws.arming import Arming
from foedus.model.laws.commitment import Commitment
from foedus.model.laws.disputes import Disputes
from foedus.model.laws.drifting import Affinity, Carry, Exchange, Growth
from foedus.model.laws.escalation import Escalation
from foedus.model.laws.incidents import Incidents
from foedus.model.laws.joining import Joining
from foedus.model.laws.ladder import Ladder

ESTIMATED: tuple[AbstractLaw, ...] = (
    Incidents(),
    Disputes(),
    Escalation(),
    Ladder(),
    Joining(),
    Arming(),
    Affinity(),
    Exchange(),
)
CANDIDATES: tuple[AbstractLaw, ...] = (Growth(), Commitment())
CARRIED: tuple[AbstractLaw, ...] = (
    Carry(
        name="carried-growth", value="change of the log of real output in a year", unit="country"
    ),
    Carry(
        name="technology", value="change of the log of capability (CINC) in a year", unit="country"
    ),
    Carry(
        name="support",
        value="change of the log odds of a favourable opinion in a year",
        unit="dyad",
    ),
    Carry(
        name="alignment",
        value="change of the weighted similarity of alliances (S) in a year",
        unit="pair",
    ),
)
LAWS: dict[str, AbstractLaw] = {law.name: law for law in (*ESTIMATED, *CANDIDATES, *CARRIED)}
FITS: dict[str, AbstractLaw] = {**LAWS, "arming-sipri": LAWS["arming"]}
"""What is fitted, with its law: arming a second time, on the series that forecasts carry."""
