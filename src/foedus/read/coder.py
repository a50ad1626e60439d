"""The network that reads a sentence: which words name the source and the target, and which event.

A small transformer encoder, trained on sentences coded by hand, gives for every word the chance of
belonging to the source or the target, and for the sentence the chance of each PLOVER root. It runs
in whole-number arithmetic on the processor. How it was trained, and how well it does, is in the
documentation.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from foedus.world.errors import BadInputError

ROOTS = (
    "ACCUSE", "AGREE", "AID", "ASSAULT", "COERCE", "CONSULT", "COOPERATE", "MOBILIZE", "PROTEST",
    "REJECT", "REQUEST", "SANCTION", "SUPPORT", "THREATEN", "YIELD",
)  # fmt: skip
QUADS = {
    "CONSULT": 1, "SUPPORT": 1, "AGREE": 1, "AID": 2, "COOPERATE": 2, "YIELD": 2, "ACCUSE": 3,
    "REJECT": 3, "REQUEST": 3, "THREATEN": 3, "ASSAULT": 4, "COERCE": 4, "MOBILIZE": 4,
    "PROTEST": 4, "SANCTION": 4,
}  # fmt: skip
LONGEST = 128
BATCH = 32
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
        runtime, tokens = _libraries()
        folder = resources.files("foedus.read").joinpath("network")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        raw = model.read_bytes() if model else folder.joinpath("coder.onnx").read_bytes()
        self._session = runtime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])
        self._tokens = tokens.Tokenizer.from_str(folder.joinpath("tokenizer.json").read_text())
        self._tokens.no_padding()
        self._tokens.enable_truncation(LONGEST)

    def read(self, sentences: Sequence[str]) -> list[Reading]:
        """Read sentences, those of like length together.

        Args:
            sentences: Sentences; what exceeds 128 word pieces is not seen.

        Returns:
            One reading a sentence, in order.
        """
        encoded = self._tokens.encode_batch(list(sentences))
        order = sorted(range(len(sentences)), key=lambda i: len(encoded[i].ids))
        found: list[Any] = [None] * len(sentences)
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            width = max(len(encoded[i].ids) for i in chosen)
            tokens = np.zeros((len(chosen), width), np.int64)
            mask = np.zeros((len(chosen), width), np.float32)
            for row, i in enumerate(chosen):
                tokens[row, : len(encoded[i].ids)] = encoded[i].ids
                mask[row, : len(encoded[i].ids)] = 1
            tags, roots = self._session.run(["tags", "roots"], {"tokens": tokens, "mask": mask})
            for row, i in enumerate(chosen):
                spans = [_spans(sentences[i], encoded[i].offsets, tags[row], k) for k in (1, 2)]
                found[i] = Reading(spans[0], spans[1], roots[row])
        return found


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


@cache
def _libraries() -> tuple[Any, Any]:
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise without_extra(error) from error
    return onnxruntime, tokenizers


def without_extra(error: ImportError) -> BadInputError:
    """Say that the libraries for reading text are not installed."""
    return BadInputError(
        f"the libraries for reading text are not installed ({error.name})",
        expected="foedus with its extra `text`",
        where="this installation of foedus",
        hint='pip install "foedus[text]"',
    )
