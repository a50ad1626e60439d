"""How well texts are coded: sentences not trained on, and behaviour that must hold."""

import json
import sys
import tomllib
from collections import defaultdict
from dataclasses import asdict, dataclass
from importlib import resources
from itertools import permutations
from pathlib import Path

import polars as pl

from foedus.read.actors import Names
from foedus.read.coder import QUADS, ROOTS, Coder
from foedus.read.documents import Document
from foedus.read.events import Event, Reader
from foedus.record.store import open_record
from foedus.study.train_coder import FOLDS, Coded, coded_sentences, folds

PAIRS = (("China", "Japan"), ("Australia", "Indonesia"), ("Poland", "Belarus"), ("Chile", "Peru"),
         ("South Korea", "Russia"), ("Nigeria", "Ghana"))  # fmt: skip
CARD = "text_coder.json"


@dataclass(frozen=True)
class CoderCard:
    """Scores of the coder.

    Args:
        sentences: Sentences coded by hand, each coded by a network not trained on it or its like.
        coded: Those given an event between two known actors.
        root_f1: Macro F1 over the roots with bodies of states kept, where silence counts as wrong.
        root_f1_states: The same with events between two countries alone, as they are given unless
            bodies are asked for.
        root_f1_coded: The same over those coded.
        quad_f1_coded: Macro F1 over the quad classes.
        by_root: F1 of each root, over those coded.
        codable: Labelled sentences in which both sides have a country.
        both_countries_right: Share of those with both countries right.
        uncodable: Labelled sentences in which a side has none.
        spurious_each: Events between two countries given per uncodable sentence.
        spurious_each_with_bodies: The same with bodies of states counted too.
        behaviour: Passed and tried, by kind of behaviour.
        transfer: Roots that are right and tried, in sets of another kind, by set.
    """

    sentences: int
    coded: int
    root_f1: float
    root_f1_states: float
    root_f1_coded: float
    quad_f1_coded: float
    by_root: dict[str, float]
    codable: int
    both_countries_right: float
    uncodable: int
    spurious_each: float
    spurious_each_with_bodies: float
    behaviour: dict[str, tuple[int, int]]
    transfer: dict[str, tuple[int, int]]


def macro_f1(gold: list[str], given: list[str], labels: list[str]) -> float:
    """Give the mean over labels of the harmonic mean of precision and recall."""
    return sum(f1(gold, given, label) for label in labels) / len(labels)


def f1(gold: list[str], given: list[str], label: str) -> float:
    """Give twice the hits over the times a label was due plus the times it was given."""
    hits = sum(a == b == label for a, b in zip(gold, given, strict=True))
    due = gold.count(label) + given.count(label)
    return 2 * hits / due if due else 0.0


def score_coder(raw: Path, folder: Path = Path("build/coder")) -> CoderCard:
    """Score the coder on all sentences coded by hand, each by the network of its fold.

    Args:
        raw: Folder of raw tables.
        folder: Folder of the networks.
    """
    record = open_record()
    names = Names(record)
    goldstein = dict(record.read("cameo_codes", columns=["code", "goldstein"]).iter_rows())
    coded = coded_sentences(raw)
    part = folds([item.text for item in coded])
    events: dict[int, list[Event]] = defaultdict(list)
    for fold in range(FOLDS):
        reader = Reader(names, goldstein, Coder(folder / f"fold{fold}.onnx"))
        own = [Document(str(i), coded[i].text, None) for i in range(len(coded)) if part[i] == fold]
        for event in reader.code(list(reader.sentences(own))):
            events[int(event.doc)].append(event)
    gold = [item.root for item in coded]
    given = [events[i][0].event if events[i] else "NONE" for i in range(len(coded))]
    between = [
        [e for e in events[i] if e.source_country and e.target_country] for i in range(len(coded))
    ]
    given_states = [found[0].event if found else "NONE" for found in between]
    both = [i for i in range(len(coded)) if events[i]]
    gold_both, given_both = [gold[i] for i in both], [given[i] for i in both]
    gold_quads, given_quads = ([str(QUADS[r]) for r in roots] for roots in (gold_both, given_both))
    shipped = Reader(names, goldstein)
    codable, right, uncodable, spurious, with_bodies = _countries(coded, events)
    return CoderCard(
        sentences=len(coded),
        coded=len(both),
        root_f1=round(macro_f1(gold, given, list(ROOTS)), 3),
        root_f1_states=round(macro_f1(gold, given_states, list(ROOTS)), 3),
        root_f1_coded=round(macro_f1(gold_both, given_both, list(ROOTS)), 3),
        quad_f1_coded=round(macro_f1(gold_quads, given_quads, ["1", "2", "3", "4"]), 3),
        by_root={root: round(f1(gold_both, given_both, root), 3) for root in ROOTS},
        codable=codable,
        both_countries_right=round(right / codable, 3),
        uncodable=uncodable,
        spurious_each=round(spurious / uncodable, 3),
        spurious_each_with_bodies=round(with_bodies / uncodable, 3),
        behaviour=_behaviour(shipped),
        transfer=_transfer(raw, shipped),
    )


def country_labels(reader: str) -> dict[int, tuple[str, str]]:
    """Give the countries of source and target by sentence, as one of two readers labelled them.

    Args:
        reader: `countries` or `countries_second`.
    """
    folder = resources.files("foedus.study").joinpath("coder_labels")
    labels = pl.read_csv(folder.joinpath(f"{reader}.csv").read_bytes())
    return {n: (s, t) for n, s, t in labels.select("sentence_id", "source", "target").iter_rows()}


@dataclass(frozen=True)
class Agreement:
    """How far two readers agree who labelled the same sentences apart.

    Args:
        sentences: Sentences both labelled.
        codable: Share on which they agree whether both sides have a country.
        kappa: The same beyond chance (Cohen 1960).
        countries: Share with both countries alike, of those codable to both.
    """

    sentences: int
    codable: float
    kappa: float
    countries: float


def agreement() -> Agreement:
    """Compare the two readers of the countries."""
    one, two = country_labels("countries"), country_labels("countries_second")
    both = sorted(one.keys() & two.keys())
    first, second = (["-" not in labels[n] for n in both] for labels in (one, two))
    alike = sum(a == b for a, b in zip(first, second, strict=True)) / len(both)
    p, q = sum(first) / len(both), sum(second) / len(both)
    chance = p * q + (1 - p) * (1 - q)
    codable = [n for n, a, b in zip(both, first, second, strict=True) if a and b]
    same = sum(
        all(set(a.split("+")) & set(b.split("+")) for a, b in zip(one[n], two[n], strict=True))
        for n in codable
    )
    return Agreement(len(both), alike, (alike - chance) / (1 - chance), same / len(codable))


def _countries(
    coded: list[Coded], events: dict[int, list[Event]]
) -> tuple[int, int, int, int, int]:
    named = country_labels("countries")
    codable = right = uncodable = spurious = with_bodies = 0
    for i, item in enumerate(coded):
        label = named.pop(item.sentence_id, None)
        if label is None:
            continue
        states = [e for e in events[i] if e.source_country and e.target_country]
        if "-" in label:
            uncodable += 1
            spurious += len(states)
            with_bodies += len(events[i])
            continue
        codable += 1
        one, two = (set(side.split("+")) for side in label)
        orders = ((one, two), (two, one)) if item.root == "CONSULT" else ((one, two),)
        right += any(
            e.source_country in a and e.target_country in b for e in states for a, b in orders
        )
    return codable, right, uncodable, spurious, with_bodies


def _behaviour(reader: Reader) -> dict[str, tuple[int, int]]:
    folder = resources.files("foedus.study").joinpath("coder_labels")
    cases = tomllib.loads(folder.joinpath("behaviour.toml").read_text("utf-8"))["case"]
    iso = {name: reader.country(name) for pair in PAIRS for name in pair}
    tally: dict[str, list[int]] = {}
    for case in cases:
        for sentence in case["sentences"]:
            for pair in PAIRS:
                for a, b in permutations(pair):
                    text = sentence.format(A=a, B=b)
                    found = reader.code(list(reader.sentences([Document("", text, None)])))
                    if case["event"]:
                        good = any(
                            e.event == case["event"]
                            and (e.source_country, e.target_country) == (iso[a], iso[b])
                            for e in found
                        )
                    else:
                        good = not found
                    passed = tally.setdefault(case["kind"], [0, 0])
                    passed[0] += good
                    passed[1] += 1
    return {kind: (passed, tried) for kind, (passed, tried) in tally.items()}


# Types of two other sets that can only be one root.
WIKIEVENTS = {
    "Conflict.Attack": "ASSAULT", "Justice.ArrestJailDetain": "COERCE", "Contact.Contact.Meet":
    "CONSULT", "Conflict.Demonstrate": "PROTEST", "Contact.ThreatenCoerce": "THREATEN",
}  # fmt: skip
CASE_2021 = {
    "AIR_STRIKE": "ASSAULT", "ARMED_CLASH": "ASSAULT", "ATTACK": "ASSAULT", "GRENADE": "ASSAULT",
    "SUIC_BOMB": "ASSAULT", "ART_MISS_ATTACK": "ASSAULT", "ABDUCT_DISSAP": "ASSAULT",
    "ARREST": "COERCE", "PEACE_PROTEST": "PROTEST", "VIOL_DEMONSTR": "PROTEST",
    "PROTEST_WITH_INTER": "PROTEST",
}  # fmt: skip


def _transfer(raw: Path, reader: Reader) -> dict[str, tuple[int, int]]:
    """Count the roots that are right in two sets of another kind, whoever acts."""
    wiki = pl.read_parquet(raw / "text" / "zsp_wikievents_binary_dev.parquet")
    wiki = wiki.filter(pl.col("gold_binary") == 1).unique("sentence", maintain_order=True)
    case = pl.read_parquet(raw / "text" / "case2021_task2_acled_subtypes_dev.parquet")
    sets = {
        "WikiEvents": (wiki["sentence"], wiki["event_type"], WIKIEVENTS),
        "CASE 2021": (case["EventSnippet"], case["SubType"], CASE_2021),
    }
    found = {}
    for name, (texts, types, roots) in sets.items():
        due = [next((r for k, r in roots.items() if t.startswith(k)), "") for t in types]
        kept = [(text, root) for text, root in zip(texts, due, strict=True) if root]
        given = reader.roots([text for text, _ in kept])
        right = sum(a == root for a, (_, root) in zip(given, kept, strict=True))
        found[name] = (right, len(kept))
    return found


if __name__ == "__main__":
    card = asdict(score_coder(Path(sys.argv[1])))
    target = Path(str(resources.files("foedus.score").joinpath(CARD)))
    target.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(json.dumps(card, indent=1))  # noqa: T201
