"""Train the network that finds propositions in sentences.

Run as `python -m foedus.study.train_finder WEIGHTS`, with the folder of the published encoder
all-MiniLM-L6-v2 (`model.safetensors`, `tokenizer.json`).
"""

import csv
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from foedus.claim.finder import SORTS
from foedus.claim.proposition import propositions
from foedus.read.sentence_network import LONGEST
from foedus.study.finder_network import Lesson, published, save, train
from foedus.world.errors import BadInputError

SEED = 19510908
SIZE = 16
# Passes and the encoder's highest rate, one round after the other.
ROUNDS = ((5, 2e-4), (3, 1e-4))
JOINED = 0.1
LEAST = 0.8
LEAST_WORDED = 0.02
_LINKS = (", and ", "; ", ", while ", ", but ", " and ", ", since ", ", so that ")
# Words that lose their capital when they no longer begin the sentence.
_PLAIN = re.compile(
    r"(?:the|an?|its?|in|on|at|for|this|that|these|those|there|they|their|both|each|as|if|when|"
    r"since|while|what|no|not|one|two|most|many|some|by|with|even)$",
    re.I,
)


@dataclass(frozen=True)
class Labelled:
    """A sentence written for training.

    Args:
        text: The sentence.
        stated: Propositions it states or denies.
        denied: Those it denies.
        sort: Sort of sentence; empty if not told.
    """

    text: str
    stated: tuple[str, ...]
    denied: tuple[str, ...]
    sort: str


def labelled() -> list[Labelled]:
    """Read the sentences written for training.

    Raises:
        BadInputError: A line names no proposition or sort there is.
    """
    folder = resources.files("foedus.study").joinpath("finder_labels")
    text = folder.joinpath("sentences.tsv").read_text("utf-8")
    found = []
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter="\t", quotechar=None,
                                            quoting=csv.QUOTE_NONE), 1):  # fmt: skip
        labels, sort, sentence = row
        marks = [] if labels == "none" else labels.split(",")
        names = [mark[:-1] for mark in marks]
        if sort not in SORTS or not set(names) <= propositions().keys():
            raise BadInputError(
                f"line {number} is labelled {labels} and {sort}",
                expected="propositions with + or -, and a sort",
                where="finder_labels/sentences.tsv",
                hint=f"sorts are {', '.join(SORTS)}",
            )
        denied = tuple(name for name, mark in zip(names, marks, strict=True) if mark[-1] == "-")
        found.append(Labelled(sentence, tuple(names), denied, sort))
    return found


def joined(one: Labelled, two: Labelled, link: str) -> Labelled:
    """Make one sentence of two."""
    first, _, rest = two.text.partition(" ")
    text = first.lower() if _PLAIN.match(first) else first
    return Labelled(
        f"{one.text.rstrip('.!?')}{link}{text} {rest}",
        tuple(dict.fromkeys(one.stated + two.stated)),
        tuple(name for name in dict.fromkeys(one.denied + two.denied)
              if (name in one.denied or name not in one.stated)
              and (name in two.denied or name not in two.stated)),
        "",
    )  # fmt: skip


def train_finder(weights: Path, folder: Path | None = None) -> None:
    """Train the network and put it where it ships.

    Args:
        weights: Folder of the published encoder.
        folder: Where to write `finder.onnx` and `finder.json`.
    """
    from tokenizers import Tokenizer

    target = folder or Path(str(resources.files("foedus.claim").joinpath("network")))
    target.mkdir(parents=True, exist_ok=True)
    pieces = Tokenizer.from_file(str(weights / "tokenizer.json"))
    pieces.no_padding()
    pieces.enable_truncation(LONGEST)
    names = tuple(propositions())
    written = labelled()

    def lesson(item: Labelled) -> Lesson:
        return Lesson(
            np.array(pieces.encode(item.text).ids),
            tuple(map(names.index, item.stated)),
            tuple(map(names.index, item.denied)),
            SORTS.index(item.sort) if item.sort else -1,  # type: ignore[arg-type]
        )

    plain = [lesson(item) for item in written]

    def lessons(draw: np.random.Generator) -> Sequence[Lesson]:
        pairs = draw.integers(len(written), size=(round(JOINED * len(written)), 2))
        links = draw.choice(_LINKS, len(pairs))
        return plain + [
            lesson(joined(written[i], written[j], str(link)))
            for (i, j), link in zip(pairs, links, strict=True)
        ]

    trained = published(weights / "model.safetensors", LONGEST, len(names), SEED)
    for number, (passes, rate) in enumerate(ROUNDS):
        trained = train(
            trained,
            lessons,
            epochs=passes,
            size=SIZE,
            seed=SEED + number,
            encoder_rate=rate,
            progress=_say,
        )
    save(trained, target / "finder.onnx")
    told: dict[str, Any] = {
        "propositions": names,
        "least": LEAST,
        "least_worded": LEAST_WORDED,
        "sentences": len(written),
    }
    (target / "finder.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    train_finder(Path(sys.argv[1]))
