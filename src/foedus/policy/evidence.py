"""How well a lever's effect is known, and what is drawn for it.

A forecasting coefficient is not a lever's effect: what goes with disputes across states need not
change them when a government pulls a lever.
"""

from typing import Literal

Evidence = Literal["identified", "published", "assumed"]
EVIDENCE: tuple[Evidence, ...] = ("identified", "published", "assumed")
MEANING = {
    "identified": "a named design on the record: outside variation, and a lead placebo that passes",
    "published": "a published estimate with its interval",
    "assumed": "a range set by us, with the reason; where the record holds an association, the "
    "range contains it, zero and the other sign",
}
