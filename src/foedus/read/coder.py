"""The network that reads a sentence: which words name the source and the target, and which event.

A small transformer encoder, trained on sentences coded by hand, gives for every word the chance of
belonging to the source or the target, and for the sentence the chance of each PLOVER root. It runs
in whole-number arithmetic on the processor. How it was trained, and how well it does, is in the
documentation.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from foedus.read.sentence_network import Network

ROOTS = (
    "ACCUSE", "AGREE", "AID", "ASSAULT", "COERCE", "CONSULT", "COOPERATE", "MOBILIZE", "PROTEST",
    "REJECT", "REQUEST", "SANCTION", "SUPPORT", "THREATEN", "YIELD",
)  # fmt: skip
QUADS = {
    "CONSULT": 1, "SUPPORT": 1, "AGREE": 1, "AID": 2, "COOPERATE": 2, "YIELD": 2, "ACCUSE": 3,
    "REJECT": 3, "REQUEST": 3, "THREATEN": 3, "ASSAULT": 4, "COERCE": 4, "MOBILIZE": 4,
    "PROTEST": 4, "SANCTION": 4,
}  # fmt: skip
SPAN_CHANCE = 0.4


@dataclass(frozen=True)
class Span:
    """Words of a sentence.

    Args:
        start: First character.
        end: Character after the last.
        chance: Mean chance of its words to be what they are taken for.
    """

    start: int
    end: int
    chance: float


@dataclass(frozen=True)
class Reading:
    """What the network sees in one sentence.

    Args:
        source: Words that name who acts, the likeliest span first.
        target: Words that name toward whom.
        roots: Chance of each root, in the order of `ROOTS`.
    """

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    roots: np.ndarray


class Coder:
    """The trained network.

    Args:
        model: File of the network; the one that ships by default.
        threads: Threads of one sentence batch.
    """

    def __init__(self, model: Path | None = None, *, threads: int = 2) -> None:
        shipped = resources.files("foedus.read").joinpath("network/coder.onnx")
        self._network = Network((model or shipped).read_bytes(), threads=threads)

    def read(self, sentences: Sequence[str]) -> list[Reading]:
        """Read sentences.

        Args:
            sentences: Sentences; what exceeds 128 word pieces is not seen.

        Returns:
            One reading a sentence, in order.
        """
        return [
            Reading(_spans(text, offsets, tags, 1), _spans(text, offsets, tags, 2), roots)
            for text, (offsets, (tags, roots)) in zip(
                sentences, self._network.run(sentences, ["tags", "roots"]), strict=True
            )
        ]


def _spans(
    text: str, offsets: Sequence[tuple[int, int]], tags: np.ndarray, kind: int
) -> tuple[Span, ...]:
    """Join word pieces that are likelier than not of a kind into spans of whole words."""
    spans: list[list[float]] = []
    for (start, end), chances in zip(offsets, tags, strict=False):
        if end <= start or chances[kind] < SPAN_CHANCE or chances[kind] < chances[3 - kind]:
            continue
        chance = float(chances[kind])
        if spans and re.fullmatch(r"[\s.'’,&/-]{0,2}", text[int(spans[-1][1]) : start]):
            spans[-1][1] = end
            spans[-1][2] += chance
            spans[-1][3] += 1
        else:
            spans.append([start, end, chance, 1])
    whole = []
    for start, end, total, count in spans:
        left, right = int(start), int(end)
        while left > 0 and text[left - 1].isalnum() and text[left].isalnum():
            left -= 1
        while right < len(text) and text[right].isalnum() and text[right - 1].isalnum():
            right += 1
        whole.append((total, Span(left, right, total / count)))
    return tuple(span for _, span in sorted(whole, key=lambda item: -item[0]))
