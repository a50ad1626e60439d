"""Run a network over sentences, those of like length together, in whole-number arithmetic."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from foedus.read.extra import without_extra

LONGEST = 128
BATCH = 32


class Network:
    """A network in an ONNX file, from word pieces to what its heads give.

    Args:
        model: The file's bytes.
        threads: Threads of one batch.
    """

    def __init__(self, model: bytes, *, threads: int = 2) -> None:
        runtime, tokens = _libraries()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        folder = resources.files("foedus.read").joinpath("network")
        self._tokens = tokens.Tokenizer.from_str(folder.joinpath("tokenizer.json").read_text())
        self._tokens.no_padding()
        self._tokens.enable_truncation(LONGEST)

    def run(
        self, sentences: Sequence[str], outputs: Sequence[str]
    ) -> list[tuple[Any, list[np.ndarray]]]:
        """Give for every sentence where its pieces lie, and its row of each output.

        Args:
            sentences: Sentences; what exceeds 128 word pieces is not seen.
            outputs: Names of what the network gives.
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
            given = self._session.run(list(outputs), {"tokens": tokens, "mask": mask})
            for row, i in enumerate(chosen):
                found[i] = (encoded[i].offsets, [value[row] for value in given])
        return found


@cache
def _libraries() -> tuple[Any, Any]:
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise without_extra(error) from error
    return onnxruntime, tokenizers
