"""Colours, type and size of every figure: one palette for light and dark, and for all eyes.

Text and grid are drawn in marker colours that the page replaces by its own, so that one figure
serves both; the files keep the markers, which are dark greys.
"""

from typing import Any

import altair as alt
import vl_convert as vlc

INK, FAINT = "#1f2328", "#8b949e"
FOCAL, RIVAL, THIRD, FOURTH = "#0072b2", "#d55e00", "#009e73", "#9a6a9c"
BASELINE = "#8c959f"
SERIES = (FOCAL, RIVAL, THIRD, FOURTH, "#b8860b", "#56a0d3")
WIDTH = 640
_FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def config() -> dict[str, Any]:
    """Give the Vega-Lite configuration shared by all charts."""
    axis = {
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": FAINT,
        "gridOpacity": 0.25,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 260,
    }
    return {
        "background": "transparent",
        "font": "Arial, sans-serif",
        "view": {"stroke": None},
        "axis": axis,
        "header": {
            "labelColor": INK,
            "titleColor": INK,
            "labelFontSize": 12,
            "labelAnchor": "start",
        },
        "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "orient": "top"},
        "text": {"color": INK, "fontSize": 11},
        "title": {"color": INK},
    }


def to_svg(chart: alt.TopLevelMixin) -> str:
    """Render a chart as standalone SVG."""
    spec = chart.to_dict(validate=False)
    spec["config"] = config()
    return vlc.vegalite_to_svg(spec)


def to_png(svg: str) -> bytes:
    """Render SVG as PNG on white, at twice its size."""
    white = svg.replace("<svg ", '<svg style="background:#ffffff" ', 1)
    return vlc.svg_to_png(white, scale=2)


def for_page(svg: str, title: str, description: str, identity: str) -> str:
    """Make SVG fit the page: its colours for text and grid, a title and a description to hear."""
    svg = svg[svg.index("<svg") :]
    for colour, variable in ((INK, "--ink"), (FAINT, "--faint")):
        svg = svg.replace(f'"{colour}"', f'"var({variable})"')
    head, _, rest = svg.partition(">")
    head = f'{head} role="img" aria-labelledby="{identity}-t {identity}-d"'
    label = f'<title id="{identity}-t">{_escape(title)}</title>'
    label += f'<desc id="{identity}-d">{_escape(description)}</desc>'
    return f"{head}>{label}{rest}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
