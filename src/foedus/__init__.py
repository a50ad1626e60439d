"""An open workbench for alliances under threat.

The record of what states did, the measures of bond and threat, forecasts with a track record, and
the briefs that join them. Each name below is loaded when first used, so importing is instant.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foedus.record.store import open_record
    from foedus.study.build_panel import panel
    from foedus.study.measure_concept import measure
    from foedus.study.write_brief import brief

__version__ = "0.1.0"

_DOORS = {
    "brief": "foedus.study.write_brief",
    "panel": "foedus.study.build_panel",
    "measure": "foedus.study.measure_concept",
    "open_record": "foedus.record.store",
}
__all__ = ["__version__", "brief", "measure", "open_record", "panel"]


def __getattr__(name: str) -> Any:
    if name in _DOORS:
        return getattr(importlib.import_module(_DOORS[name]), name)
    raise AttributeError(f"module 'foedus' has no attribute {name!r}")
