"""An open workbench for alliances under threat.

The record of what states did, the measures of bond and threat, forecasts with a track record, what
a policy would change, and the briefs that join them. Each name below is loaded when first used, so
importing is instant.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foedus.record.store import open_record
    from foedus.study import ledger
    from foedus.study.build_panel import panel
    from foedus.study.check_text import check_text as check
    from foedus.study.compare_courses import compare
    from foedus.study.fit_laws import fit_laws as fit
    from foedus.study.forecast import forecast
    from foedus.study.measure_concept import measure
    from foedus.study.score_laws import stored as score
    from foedus.study.write_brief import brief

__version__ = "0.1.0"

_DOORS = {
    "brief": ("foedus.study.write_brief", "brief"),
    "check": ("foedus.study.check_text", "check_text"),
    "compare": ("foedus.study.compare_courses", "compare"),
    "fit": ("foedus.study.fit_laws", "fit_laws"),
    "forecast": ("foedus.study.forecast", "forecast"),
    "ledger": ("foedus.study.ledger", None),
    "measure": ("foedus.study.measure_concept", "measure"),
    "open_record": ("foedus.record.store", "open_record"),
    "panel": ("foedus.study.build_panel", "panel"),
    "score": ("foedus.study.score_laws", "stored"),
}
__all__ = [
    "__version__",
    "brief",
    "check",
    "compare",
    "fit",
    "forecast",
    "ledger",
    "measure",
    "open_record",
    "panel",
    "score",
]


class _Door(ModuleType):
    """The package: loading a subpackage does not hide the function of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _DOORS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Door


def __getattr__(name: str) -> Any:
    if name in _DOORS:
        place, attribute = _DOORS[name]
        module = importlib.import_module(place)
        return module if attribute is None else getattr(module, attribute)
    raise AttributeError(f"module 'foedus' has no attribute {name!r}")
