"""Who acts and toward whom: the words the network points at, resolved to countries and bodies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from foedus.read.actors import Actor, Mention, cow_number, role_of
from foedus.read.coder import Reading, Span

LATER_CHANCE = 0.5
DOMESTIC = re.compile(
    r"\b(?:police|courts?|judges?|prosecutors?|protest\w*|demonstrators?|activists?|opposition|"
    r"prisoners?|workers?|students?|parliament|lawmakers|senate|senators?|government|army|military|"
    r"troops|security forces|president|prime minister|minister|ministry|authorities|residents?|"
    r"citizens?|people|civilians?|rebels?|insurgents?|militants?|journalists?|party|officials?|"
    r"leaders?|teachers?|farmers?|critics|strikers?|union|cabinet|governor|mayor|he|him|she|her|"
    r"suspects?|former|ex-\w+|employees?)\b",
    re.I,
)
# What may stand between two names of a list beside a comma or `and`: names and titles.
_JOINED = re.compile(
    r"(?:['’]s?)?(?:\s(?:[A-Z][\w.'’-]*|president|prime|foreign|defen[cs]e|minister|leader|king))*"
    r"\s?(?:,|,?\s?and|&|/)\s?(?:the\s?)?"
)
_WITHIN = re.compile(r"\b(?:in|at|near|over|outside)(?: the)? $", re.I)


@dataclass(frozen=True)
class Sides:
    """The two sides of an event.

    Args:
        spans: The words of the source and of the target.
        pairs: Source and target of each event: one, or several where a side lists several.
    """

    spans: tuple[Span, Span]
    pairs: tuple[tuple[Actor, Actor], ...]


def sides(
    text: str, mentions: Sequence[Mention], reading: Reading, *, together: bool
) -> Sides | None:
    """Resolve both sides of a sentence; None if a side is of no country and no body.

    Args:
        text: The sentence.
        mentions: Names in it.
        reading: What the network sees.
        together: Whether two who are named side by side, toward nobody, act with one another.
    """
    if not reading.source:
        return None
    one = reading.source[0]
    two = reading.target[0] if reading.target else None
    sources = _actors(text, mentions, one, two)
    if together and (two is None or _WITHIN.search(text[: two.start])):
        partners = list(combinations(sources, 2))
        if partners:
            return Sides((one, one), tuple(partners))
    if two is None:
        return None
    targets = _actors(text, mentions, two, one)
    if sources or targets:
        sources = sources or _home(text, mentions, one, two, targets)
        targets = targets or _home(text, mentions, two, one, sources)
    if not sources:
        one, sources = _later(text, mentions, reading.source, two)
    if not targets:
        two, targets = _later(text, mentions, reading.target, one)
    if not sources or not targets:
        return None
    return Sides((one, two), tuple((source, target) for source in sources for target in targets))


def _later(
    text: str, mentions: Sequence[Mention], spans: Sequence[Span], other: Span
) -> tuple[Span, list[Actor]]:
    """Resolve the likeliest of the further spans that holds a name."""
    for span in spans[1:]:
        apart = span.end <= other.start or span.start >= other.end
        if apart and span.chance >= LATER_CHANCE and _inside(mentions, span):
            return span, _actors(text, mentions, span, other)
    return spans[0], []


def _inside(mentions: Sequence[Mention], span: Span) -> list[Mention]:
    return [m for m in mentions if m.start < span.end and m.end > span.start]


def _actors(text: str, mentions: Sequence[Mention], span: Span, other: Span | None) -> list[Actor]:
    """Resolve a span by the names in it, else by one that stands next to it."""
    inside = _inside(mentions, span)
    near = inside or (_beside(text, mentions, span, other) if other is not None else [])
    if not near:
        return []
    if inside:
        last = re.sub(r"['’][sS]?$", "", text[inside[-1].start : inside[-1].end])
        span = replace(
            span,
            start=min(span.start, inside[0].start),
            end=max(span.end, inside[-1].start + len(last)),
        )
    words = text[span.start : span.end]
    return [
        Actor(words, mention.code, cow_number(mention.code), _role(text, span, mention))
        for mention in _listed(text, near)
    ]


def _role(text: str, span: Span, mention: Mention) -> str:
    if mention.role == "IGO":
        return "IGO"
    after = re.match(r"['’]s?\s+[\w-]+(?:\s+[\w-]+)?", text[span.end :])
    return role_of(text[span.start : span.end] + (after[0] if after else ""), mention)


def _listed(text: str, inside: list[Mention]) -> list[Mention]:
    """Give the first name, and those joined to it by commas and `and`, each country once."""
    chosen = [inside[0]]
    for before, mention in pairwise(inside):
        if mention.code in {m.code for m in chosen}:
            continue
        if not _JOINED.fullmatch(text[before.end : mention.start]):
            break
        chosen.append(mention)
    return chosen


def _beside(text: str, mentions: Sequence[Mention], span: Span, other: Span) -> list[Mention]:
    """Find a name right before the span, or after it across `in`, `of`, `from` or a comma."""
    for mention in mentions:
        if mention.start < other.end and mention.end > other.start:
            continue
        before = text[mention.end : span.start]
        after = text[span.end : mention.start]
        if mention.end <= span.start and re.fullmatch(r"['’]?s?\s(?:[a-z-]+\s){0,2}", before):
            return [mention]
        if mention.start >= span.end and re.fullmatch(
            r"\s?,?\s(?:in|of|from|near|at|inside)?\s?(?:the\s)?(?:[\w'-]+,?\s){0,3}(?:in\s)?",
            after,
        ):
            return [mention]
    return []


def _home(
    text: str, mentions: Sequence[Mention], span: Span, other: Span, actors: list[Actor]
) -> list[Actor]:
    """Take who is not named to be at home: in the one other country, else with the other side.

    That holds for words without a name (the court, protesters, prisoners) and for whoever police
    and courts act upon.
    """
    words = text[span.start : span.end]
    named = re.search(r"[^\W\d_a-z]", words[1:] if span.start == 0 else words)
    within = any(actor.role in ("judiciary", "police") for actor in actors)
    if named and not within and not DOMESTIC.search(words):
        return []
    elsewhere = {
        m.code
        for m in mentions
        if m.role != "IGO" and not (m.start < other.end and m.end > other.start)
    }
    codes = elsewhere if len(elsewhere) == 1 else {a.code for a in actors if a.role != "IGO"}
    if len(codes) != 1:
        return []
    code = codes.pop()
    return [Actor(words, code, cow_number(code), role_of(words))]
