"""The network that codes sentences: its heads, its loss, its training, its file.

Two heads are trained on the encoder: each word piece is source, target or neither; the sentence is
one of the roots, from its first piece, its mean and the means over source and target.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from foedus.compute.keys import named_generator
from foedus.read.coder import ROOTS
from foedus.study import encoder
from foedus.study.encoder import (
    ENCODER_RATE,
    Drop,
    Graph,
    Weights,
    descend,
    dropping,
    encode,
    of_like_length,
    padded,
)

TAG_WEIGHT = 2.0


@dataclass(frozen=True)
class Example:
    """One sentence to learn from.

    Args:
        tokens: Word pieces.
        tags: 1 for a piece of the source, 2 of the target, else 0.
        root: Index of the root; minus one where the sentence has no event.
        tagged: Whether the tags are known.
    """

    tokens: np.ndarray
    tags: np.ndarray
    root: int
    tagged: bool


def published(file: Path, longest: int, seed: int) -> Weights:
    """Read the published weights and add fresh heads.

    Args:
        file: `model.safetensors` of an encoder with six layers of width 384.
        longest: Word pieces of the longest sentence.
        seed: Seed of the heads.
    """
    start = encoder.published(file, longest)
    width = start["words"].shape[1]
    draw = named_generator(seed, "heads")
    fresh = lambda *shape: (0.02 * draw.normal(size=shape)).astype(np.float32)  # noqa: E731
    return {
        "encoder": start,
        "heads": {
            "tag": fresh(width, 3),
            "tag_bias": np.zeros(3, np.float32),
            "join": fresh(4 * width, width),
            "join_bias": np.zeros(width, np.float32),
            "root": fresh(width, len(ROOTS)),
            "root_bias": np.zeros(len(ROOTS), np.float32),
        },
    }


def judge(heads: Weights, states: Any, mask: Any, shares: Any, drop: Drop) -> Any:
    """Give the log odds of every root from the states and the shares of source and target."""
    held = mask[..., None]
    mean = (states * held).sum(1) / held.sum(1)

    def over(kind: int) -> Any:
        share = shares[..., kind : kind + 1]
        return (states * share).sum(1) / (share.sum(1) + 0.1)

    joined = jnp.concatenate([states[:, 0], mean, over(1), over(2)], 1)
    hidden = jnp.tanh(drop(joined, 90) @ heads["join"] + heads["join_bias"])
    return drop(hidden, 91) @ heads["root"] + heads["root_bias"]


def loss(weights: Weights, batch: Any, rarity: Any, key: Any) -> Any:
    """Give the mean loss of a batch: roots by rarity, and tags where they are known."""
    tokens, mask, tags, root, tagged = batch
    drop = dropping(key)
    states = encode(weights["encoder"], tokens, mask, drop)
    chances = jax.nn.log_softmax(states @ weights["heads"]["tag"] + weights["heads"]["tag_bias"])
    shown = jax.random.bernoulli(jax.random.fold_in(key, 99), 0.5, (tokens.shape[0], 1, 1))
    shares = jnp.where(
        shown * tagged[:, None, None] > 0,
        jax.nn.one_hot(tags, 3),
        jax.lax.stop_gradient(jnp.exp(chances)),
    )
    odds = judge(weights["heads"], states, mask, shares * mask[..., None], drop)
    named = jnp.take_along_axis(jax.nn.log_softmax(odds), jnp.maximum(root, 0)[:, None], 1)[:, 0]
    roots = -jnp.where(root >= 0, named * rarity[jnp.maximum(root, 0)], 0.0).mean()
    right = jnp.take_along_axis(chances, tags[..., None], -1)[..., 0]
    return roots + TAG_WEIGHT * (-(right * mask).sum(1) / mask.sum(1) * tagged).mean()


def batched(examples: Sequence[Example]) -> tuple[np.ndarray, ...]:
    """Pad examples to one length."""
    tokens, mask = padded([e.tokens for e in examples])
    tags = np.zeros(tokens.shape, np.int32)
    for row, example in enumerate(examples):
        tags[row, : len(example.tags)] = example.tags
    root = np.array([e.root for e in examples], np.int32)
    return tokens, mask, tags, root, np.array([e.tagged for e in examples], np.float32)


def train(
    weights: Weights,
    examples: Sequence[Example],
    *,
    epochs: int,
    size: int,
    seed: int,
    evenness: float,
    encoder_rate: float = ENCODER_RATE,
    progress: Callable[[str], None] = lambda _: None,
) -> Weights:
    """Train on sentences.

    Args:
        weights: Where to start.
        examples: Sentences to learn from.
        epochs: Passes over them.
        size: Sentences a step.
        seed: Seed.
        evenness: Power of a root's rarity by which its sentences weigh more.
        encoder_rate: Highest rate of the encoder.
        progress: Called after every pass.
    """
    roots = np.array([e.root for e in examples])
    counts = np.maximum(np.bincount(roots[roots >= 0], minlength=len(ROOTS)), 1)
    rarity = jnp.asarray((counts.mean() / counts) ** evenness, jnp.float32)
    lengths = [len(e.tokens) for e in examples]

    def batches(draw: np.random.Generator) -> Iterator[Any]:
        for rows in of_like_length(lengths, size, draw):
            yield batched([examples[i] for i in rows])

    return descend(
        weights,
        lambda weights, batch, key: loss(weights, batch, rarity, key),
        batches,
        epochs=epochs,
        steps=epochs * -(-len(examples) // size),
        seed=seed,
        encoder_rate=encoder_rate,
        progress=progress,
    )


def save(weights: Weights, path: Path) -> None:
    """Write the network as an ONNX file in whole-number arithmetic."""
    graph, heads = Graph(), weights["heads"]
    op, const, ints, total = graph.op, graph.const, graph.ints, graph.total
    x = graph.encoder(weights["encoder"])
    held = op("Unsqueeze", "mask", ints(2))
    tags = op("Softmax", graph.linear(x, heads["tag"], heads["tag_bias"]), axis=-1)
    shares = op("Mul", tags, held)

    def over(kind: int) -> str:
        share = op("Slice", shares, ints(kind), ints(kind + 1), ints(2))
        least = op("Add", total(share), const(np.float32(0.1)))
        return op("Div", total(op("Mul", x, share)), least)

    mean = op("Div", total(op("Mul", x, held)), total(held))
    first = op("Gather", x, const(np.int64(0)), axis=1)
    joined = op("Concat", first, mean, over(1), over(2), axis=1)
    hidden = op("Tanh", graph.linear(joined, heads["join"], heads["join_bias"]))
    roots = op("Softmax", graph.linear(hidden, heads["root"], heads["root_bias"]), axis=-1)
    graph.output("tags", tags, "n", "t", 3)
    graph.output("roots", roots, "n", len(ROOTS))
    graph.write(path)
