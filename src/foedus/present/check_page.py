"""The report on a text held against the record, as one self-contained HTML page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined

from foedus.present.page import PageFigure
from foedus.record.schema import Table


@dataclass(frozen=True)
class PageQuote:
    """A sentence of the text, and what to keep in mind about the verdict on it."""

    text: str
    note: str


@dataclass(frozen=True)
class PageQuestion:
    """A proposition with its answer, in words."""

    anchor: str
    worded: str
    verdict: str
    why: str
    quotes: tuple[PageQuote, ...]
    measure: str
    estimate: str
    unit: str
    n: str
    years: str
    smallest: str
    supports: str
    contradicts: str
    limits: str
    tables: str
    literature: tuple[str, ...]
    figure: PageFigure | None


@dataclass(frozen=True)
class PageClaim:
    """What a sentence states, with the verdict on it as the text says it."""

    anchor: str
    worded: str
    denied: bool
    verdict: str


@dataclass(frozen=True)
class PageStatement:
    """A sentence with its statements."""

    sentence: str
    sort: str
    claims: tuple[PageClaim, ...]


@dataclass(frozen=True)
class PageUntested:
    """Sentences that cannot be tested for one reason."""

    title: str
    why: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class CheckPage:
    """All that the page shows."""

    title: str
    as_of: str
    summary: tuple[str, ...]
    rule: tuple[str, ...]
    questions: tuple[PageQuestion, ...]
    statements: tuple[PageStatement, ...]
    untested: tuple[PageUntested, ...]


def render_check(
    page: CheckPage, *, version: str, sources: Sequence[Table], fingerprint: Mapping[str, str]
) -> str:
    """Fill the template; every text is escaped, figures are the only markup taken as is."""
    folder = resources.files("foedus.present") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((folder / "check.html.j2").read_text("utf-8"))
    return template.render(
        page=page,
        version=version,
        sources=sources,
        fingerprint=fingerprint,
        css="".join((folder / name).read_text("utf-8") for name in ("brief.css", "check.css")),
    )
