"""The transformer encoder under the networks that read text: forward pass, training, file.

An encoder of the BERT family that starts from published weights. What is asked of it, the heads, is
each network's own.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from foedus.compute.keys import named_generator, named_key

HEADS = 12
FLOOR = 1e-12
DROPPED = 0.1
ENCODER_RATE = 1e-4
HEAD_RATE = 1e-3
DECAY = 0.01
Weights = dict[str, Any]
Drop = Callable[[Any, int], Any]


def published(file: Path, longest: int) -> Weights:
    """Read the published weights of an encoder.

    Args:
        file: `model.safetensors` of an encoder with layers of width 384.
        longest: Word pieces of the longest sentence.
    """
    from safetensors.numpy import load_file

    raw = load_file(str(file))
    layers = []
    count = 1 + max(int(name.split(".")[2]) for name in raw if name.startswith("encoder.layer."))
    for i in range(count):
        at = f"encoder.layer.{i}."
        own = [raw[f"{at}attention.self.{part}.weight"].T for part in ("query", "key", "value")]
        bias = [raw[f"{at}attention.self.{part}.bias"] for part in ("query", "key", "value")]
        layers.append(
            {
                "attend": np.concatenate(own, 1),
                "attend_bias": np.concatenate(bias),
                "mix": raw[f"{at}attention.output.dense.weight"].T,
                "mix_bias": raw[f"{at}attention.output.dense.bias"],
                "norm_1": raw[f"{at}attention.output.LayerNorm.weight"],
                "norm_1_bias": raw[f"{at}attention.output.LayerNorm.bias"],
                "wide": raw[f"{at}intermediate.dense.weight"].T,
                "wide_bias": raw[f"{at}intermediate.dense.bias"],
                "narrow": raw[f"{at}output.dense.weight"].T,
                "narrow_bias": raw[f"{at}output.dense.bias"],
                "norm_2": raw[f"{at}output.LayerNorm.weight"],
                "norm_2_bias": raw[f"{at}output.LayerNorm.bias"],
            }
        )
    places = raw["embeddings.position_embeddings.weight"][:longest]
    return {
        "words": raw["embeddings.word_embeddings.weight"],
        "places": places + raw["embeddings.token_type_embeddings.weight"][0],
        "norm": raw["embeddings.LayerNorm.weight"],
        "norm_bias": raw["embeddings.LayerNorm.bias"],
        "layers": layers,
    }


def _norm(x: Any, scale: Any, bias: Any) -> Any:
    apart = x - x.mean(-1, keepdims=True)
    return apart / jnp.sqrt((apart * apart).mean(-1, keepdims=True) + FLOOR) * scale + bias


def encode(weights: Weights, tokens: Any, mask: Any, drop: Drop) -> Any:
    """Run the encoder.

    Args:
        weights: Weights of the encoder.
        tokens: Word pieces; (sentence, piece).
        mask: Whether there is a piece.
        drop: Drops numbers out at a named place; the identity when not training.

    Returns:
        States; (sentence, piece, width).
    """
    count, length = tokens.shape
    x = weights["words"][tokens] + weights["places"][:length]
    x = drop(_norm(x, weights["norm"], weights["norm_bias"]), 0)
    away = jnp.where(mask[:, None, None, :], 0.0, -1e9)
    for i, layer in enumerate(weights["layers"]):
        joint = (x @ layer["attend"] + layer["attend_bias"]).reshape(count, length, 3, HEADS, -1)
        query, key, value = (joint[:, :, j].transpose(0, 2, 1, 3) for j in range(3))
        score = query @ key.transpose(0, 1, 3, 2) / np.sqrt(query.shape[-1]) + away
        heard = jax.nn.softmax(score) @ value
        heard = heard.transpose(0, 2, 1, 3).reshape(count, length, -1)
        heard = drop(heard @ layer["mix"] + layer["mix_bias"], 3 * i + 1)
        x = _norm(x + heard, layer["norm_1"], layer["norm_1_bias"])
        wide = jax.nn.gelu(x @ layer["wide"] + layer["wide_bias"], approximate=True)
        narrow = drop(wide @ layer["narrow"] + layer["narrow_bias"], 3 * i + 2)
        x = _norm(x + narrow, layer["norm_2"], layer["norm_2_bias"])
    return x


def dropping(key: Any) -> Drop:
    """Give a function that drops a tenth of its numbers, the same ones for a key and a place."""

    def drop(x: Any, place: int) -> Any:
        kept = jax.random.bernoulli(jax.random.fold_in(key, place), 1 - DROPPED, x.shape)
        return x * kept / (1 - DROPPED)

    return drop


def descend(
    weights: Weights,
    loss: Callable[[Weights, Any, Any], Any],
    batches: Callable[[np.random.Generator], Iterator[Any]],
    *,
    epochs: int,
    steps: int,
    seed: int,
    encoder_rate: float = ENCODER_RATE,
    fixed: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Weights:
    """Train by Adam with a rate that rises for a tenth of the steps and falls to nothing.

    Args:
        weights: Where to start: `encoder` and `heads`.
        loss: Of the weights, a batch and a key.
        batches: Gives the batches of one pass from a generator.
        epochs: Passes.
        steps: Batches of all passes.
        seed: Seed.
        encoder_rate: Highest rate of the encoder; the heads' is `HEAD_RATE`.
        fixed: Parts of the encoder that stay as they are.
        progress: Called after every pass.
    """
    key = named_key(seed, "dropout")
    still = {name: jnp.asarray(weights["encoder"][name]) for name in fixed}
    moving = {name: part for name, part in weights["encoder"].items() if name not in fixed}

    def whole(weights: Weights) -> Weights:
        return {**weights, "encoder": {**weights["encoder"], **still}}

    @jax.jit
    def step(weights: Any, mean: Any, square: Any, number: Any, batch: Any) -> Any:
        own = jax.random.fold_in(key, number)
        value, slope = jax.value_and_grad(lambda weights: loss(whole(weights), batch, own))(weights)
        size = jnp.sqrt(sum((x * x).sum() for x in jax.tree.leaves(slope)))
        slope = jax.tree.map(lambda x: x * jnp.minimum(1.0, 1.0 / (size + 1e-6)), slope)
        mean = jax.tree.map(lambda a, x: 0.9 * a + 0.1 * x, mean, slope)
        square = jax.tree.map(lambda a, x: 0.999 * a + 0.001 * x * x, square, slope)
        done = number + 1
        height = jnp.minimum(done / (0.1 * steps), (steps - number) / (0.9 * steps))

        def move(rate: float) -> Callable[[Any, Any, Any], Any]:
            def one(w: Any, m: Any, v: Any) -> Any:
                pull = m / (1 - 0.9**done) / (jnp.sqrt(v / (1 - 0.999**done)) + 1e-8)
                return w - height * rate * (pull + DECAY * w)

            return one

        moved = {
            part: jax.tree.map(move(rate), weights[part], mean[part], square[part])
            for part, rate in (("encoder", encoder_rate), ("heads", HEAD_RATE))
        }
        return moved, mean, square, value

    draw = named_generator(seed, "order")
    weights = jax.tree.map(jnp.asarray, {**weights, "encoder": moving})
    mean = jax.tree.map(jnp.zeros_like, weights)
    square = jax.tree.map(jnp.zeros_like, weights)
    number = 0
    for epoch in range(epochs):
        values = []
        for batch in batches(draw):
            weights, mean, square, value = step(weights, mean, square, number, batch)
            values.append(float(value))
            number += 1
        progress(f"pass {epoch + 1} of {epochs}, loss {np.mean(values):.3f}")
    return jax.tree.map(np.asarray, whole(weights))


def of_like_length(
    lengths: Sequence[int], size: int, draw: np.random.Generator
) -> Iterator[np.ndarray]:
    """Give the rows of each batch of a pass, sentences of like length together, in any order.

    Args:
        lengths: Word pieces of every sentence.
        size: Sentences a batch; a short one is filled with others.
        draw: Generator.
    """
    spread = np.array(lengths) + draw.uniform(0, 12, len(lengths))
    order = np.argsort(spread)
    chunks = [order[i : i + size] for i in range(0, len(order), size)]
    for which in draw.permutation(len(chunks)):
        chunk = chunks[which]
        yield np.concatenate([chunk, draw.integers(len(lengths), size=size - len(chunk))])


def padded(pieces: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Pad to one length, a multiple of sixteen so that few lengths are compiled; with the mask."""
    width = -(-max(map(len, pieces)) // 16) * 16
    tokens = np.zeros((len(pieces), width), np.int32)
    mask = np.zeros((len(pieces), width), bool)
    for row, own in enumerate(pieces):
        tokens[row, : len(own)], mask[row, : len(own)] = own, True
    return tokens, mask


class Graph:
    """An ONNX file in the making, from `tokens` and `mask` on."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._outputs: list[Any] = []

    def const(self, value: Any) -> str:
        """Add a constant."""
        from onnx import numpy_helper

        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def ints(self, *values: int) -> str:
        """Add whole numbers as a constant."""
        return self.const(np.array(values, np.int64))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation and give the name of its result."""
        from onnx import helper

        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def linear(self, x: str, matrix: Any, bias: Any) -> str:
        """Add a matrix product and a constant."""
        return self.op("Add", self.op("MatMul", x, self.const(matrix)), self.const(bias))

    def total(self, x: str) -> str:
        """Sum over word pieces."""
        return self.op("ReduceSum", x, self.ints(1), keepdims=0)

    def encoder(self, weights: Weights) -> str:
        """Add the encoder and give the name of its states."""
        op, ints = self.op, self.ints

        def norm(x: str, scale: Any, bias: Any) -> str:
            held = self.const(scale), self.const(bias)
            return op("LayerNormalization", x, *held, axis=-1, epsilon=FLOOR)

        width = weights["words"].shape[1]
        length = op("Gather", op("Shape", "tokens"), ints(1), axis=0)
        x = op(
            "Add",
            op("Gather", self.const(weights["words"]), "tokens", axis=0),
            op("Slice", self.const(weights["places"]), ints(0), length, ints(0)),
        )
        x = norm(x, weights["norm"], weights["norm_bias"])
        away = op("Sub", "mask", self.const(np.float32(1)))
        away = op("Unsqueeze", op("Mul", away, self.const(np.float32(1e9))), ints(1, 2))
        apart, together = ints(0, 0, HEADS, width // HEADS), ints(0, 0, width)
        for layer in weights["layers"]:
            parts = zip(
                np.split(layer["attend"], 3, 1), np.split(layer["attend_bias"], 3), strict=True
            )
            query, key, value = (op("Reshape", self.linear(x, m, b), apart) for m, b in parts)
            query = op("Transpose", query, perm=[0, 2, 1, 3])
            key = op("Transpose", key, perm=[0, 2, 3, 1])
            value = op("Transpose", value, perm=[0, 2, 1, 3])
            scale = self.const(np.float32((width // HEADS) ** -0.5))
            score = op("Add", op("Mul", op("MatMul", query, key), scale), away)
            heard = op("MatMul", op("Softmax", score, axis=-1), value)
            heard = op("Reshape", op("Transpose", heard, perm=[0, 2, 1, 3]), together)
            heard = op("Add", x, self.linear(heard, layer["mix"], layer["mix_bias"]))
            x = norm(heard, layer["norm_1"], layer["norm_1_bias"])
            wide = op("Gelu", self.linear(x, layer["wide"], layer["wide_bias"]), approximate="tanh")
            x = op("Add", x, self.linear(wide, layer["narrow"], layer["narrow_bias"]))
            x = norm(x, layer["norm_2"], layer["norm_2_bias"])
        return x

    def output(self, name: str, value: str, *shape: str | int) -> None:
        """Name a result that the file gives."""
        from onnx import TensorProto, helper

        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))

    def write(self, path: Path) -> None:
        """Write the file in whole-number arithmetic."""
        import onnx
        from onnx import TensorProto, helper
        from onnxruntime.quantization import QuantType, quantize_dynamic

        inputs = [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["n", "t"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", "t"]),
        ]
        graph = helper.make_graph(self._nodes, "network", inputs, self._outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        onnx.checker.check_model(model)
        plain = path.with_suffix(".plain")
        onnx.save(model, plain)
        try:
            quantize_dynamic(
                plain,
                path,
                op_types_to_quantize=["MatMul", "Gather"],
                per_channel=True,
                weight_type=QuantType.QInt8,
                extra_options={"MatMulConstBOnly": True},
            )
        finally:
            plain.unlink()
