"""What a forward pass keeps for the backward pass, tensor by tensor, as this package's own training does it.

The path: layers of transformers with the norms, positions and attention of `train.layers`, LoRA fused into its linears
(PEFT's own layers for QLoRA, dropout and DoRA), 32-bit adapters, no checkpointing, logits in parts and at the tokens
that carry loss alone, as is the last layer's feed-forward block; full training with 32-bit weights and the norms of
transformers, which a GPU multiplies in 16 bits. Each entry was found with `torch.autograd.graph.saved_tensors_hooks`,
whose sums tests/sizing/test_activations.py compares. Not covered: what the kernels of a GPU keep beside these.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loresmith.recipe import TrainConfig
from loresmith.sizing.rows import Row
from loresmith.sizing.shape import Linears, Shape
from loresmith.sizing.weights import BYTES_PER_WEIGHT, adapted

INPUTS = (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
"""Linears that have one input together; of attention the first two, of the feed-forward block the others."""


@dataclass(frozen=True)
class Kept:
    """Tensors of one kind that one layer keeps."""

    count: int
    size: int
    """Bytes of one of them."""


def layer(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> list[Kept]:
    """What one layer keeps of `row`; `dtype` is what products are computed in."""
    return [*attending(shape, train, dtype, row), *feeding(shape, train, dtype, row.tokens)]


def last_layer(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> list[Kept]:
    """What the last layer keeps: under a frozen head its feed-forward block sees the tokens with loss alone."""
    places = row.tokens if train.method == "full" else row.told
    return [*attending(shape, train, dtype, row), *feeding(shape, train, dtype, places)]


def size_bytes(kept: Iterable[Kept]) -> int:
    """All together."""
    return sum(item.count * item.size for item in kept)


def kept_bytes(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> int:
    """What all layers keep of `row`, and what is kept before and behind them; the logits come on top."""
    small = BYTES_PER_WEIGHT[dtype]
    layers = (shape.layers - 1) * size_bytes(layer(shape, train, dtype, row))
    layers += size_bytes(last_layer(shape, train, dtype, row))
    at_loss = small * shape.hidden * row.told  # the head's input, or the gradient of its loss, made ahead
    rotary = 2 * _stream(train, small) * shape.head_width * row.tokens
    norm = size_bytes(_norm(train, _stream(train, small), shape.hidden, row.tokens))
    if train.method == "full":
        return layers + rotary + norm + at_loss
    last_norm = size_bytes(_norm(train, small, shape.hidden, row.told))
    # the frozen embedding needs no gradient: not for the first norm, nor through the dropout of what follows it
    first = norm + (_masks(shape, train, INPUTS[0]) * row.tokens if train.lora_dropout > 0 else 0)
    return layers + rotary + last_norm - first + at_loss


def is_fused(train: TrainConfig) -> bool:
    """Whether an adapter's linears are computed by `train.fused`; PEFT's own layers keep more."""
    return train.method == "lora" and train.lora_dropout == 0 and not train.use_dora


def attending(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> Iterator[Kept]:
    """The first half of a layer: norm, attention and its linears."""
    small = BYTES_PER_WEIGHT[dtype]
    yield from _norm(train, _stream(train, small), shape.hidden, row.tokens)
    if shape.normed_heads:
        for heads in (shape.heads, shape.key_heads):
            yield from _norm(train, small, shape.head_width, row.tokens, heads)
    yield Kept(1, small * shape.query_width * row.queries)
    yield Kept(2, small * shape.key_width * row.keys)
    yield Kept(1, small * shape.heads * row.pairs)  # weights, by plain products
    yield Kept(1, small * shape.query_width * (row.queries - row.short))  # results, by torch's attention
    yield Kept(1, 4 * shape.heads * (row.queries - row.short))  # and log-sums of its weights
    yield from _linears(shape, train, small, row.tokens, INPUTS[:2])


def feeding(shape: Shape, train: TrainConfig, dtype: str, places: int) -> Iterator[Kept]:
    """The second half: norm and feed-forward block, at so many places of the row."""
    small = BYTES_PER_WEIGHT[dtype]
    yield from _norm(train, _stream(train, small), shape.hidden, places)
    yield Kept(3, small * shape.inner * places)  # gate, its activation, and up
    yield from _linears(shape, train, small, places, INPUTS[2:])


def _norm(train: TrainConfig, small: int, width: int, places: int, heads: int = 1) -> Iterator[Kept]:
    """What a norm of inputs of `small` bytes a number keeps: scales in 32 bits, and of a frozen one the normed values.

    A trained one is transformers' own, which keeps its input in 32 bits too.
    """
    yield Kept(1, 4 * heads * places)
    yield Kept(1, small * width * heads * places)
    if train.method == "full":
        yield Kept(1, 4 * width * heads * places)


def _stream(train: TrainConfig, small: int) -> int:
    """Bytes of a number between the layers: full training multiplies in 16 bits and adds up in 32."""
    return 4 if train.method == "full" else small


def _linears(
    shape: Shape, train: TrainConfig, small: int, places: int, inputs: tuple[tuple[str, ...], ...]
) -> Iterator[Kept]:
    """What the linears in `inputs` keep; a frozen one without adapter keeps nothing."""
    if train.method == "full":
        yield from _trained(shape, small, places, inputs)
        return
    names = [name for group in inputs for name in group]
    targets = {name: sizes for name, sizes in adapted(shape, train).items() if name in names}
    yield from (_fused if is_fused(train) else _by_peft)(targets, train, small, places)


def _trained(shape: Shape, small: int, places: int, inputs: tuple[tuple[str, ...], ...]) -> Iterator[Kept]:
    """Inputs of trained linears; what is multiplied in 16 bits is copied for each of them."""
    for names in inputs:
        yield Kept(len(names) if small < 4 else 1, small * shape.linears[names[0]][1] * places)


def _fused(targets: Linears, train: TrainConfig, small: int, places: int) -> Iterator[Kept]:
    """With fused adapters: each input once, each small product, and in 16 bits the adapters' numbers in 16 bits."""
    yield Kept(len(targets), small * train.r * places)
    yield from _shared_inputs(targets, small, places)
    if small < 4:
        yield from (Kept(1, small * train.r * sum(sizes)) for sizes in targets.values())


def _by_peft(targets: Linears, train: TrainConfig, small: int, places: int) -> Iterator[Kept]:
    """What PEFT's layers keep: they compute in 32 bits, so of a 16-bit input each makes a copy of its own.

    With dropout each keeps the mask and the dropped input.
    """
    yield Kept(len(targets), 4 * train.r * places)
    if train.lora_dropout > 0:
        yield from (Kept(2, 4 * columns * places) for _, columns in targets.values())
    elif small < 4:
        yield from (Kept(1, 4 * columns * places) for _, columns in targets.values())
    else:
        yield from _shared_inputs(targets, small, places)
    if train.use_dora:
        yield from _decomposed(targets, train, small, places)


def _masks(shape: Shape, train: TrainConfig, names: tuple[str, ...]) -> int:
    """Bytes a token of the masks of dropout before the linears in `names`."""
    targets = adapted(shape, train)
    return sum(4 * targets[name][1] for name in names if name in targets)


def _decomposed(targets: Linears, train: TrainConfig, small: int, places: int) -> Iterator[Kept]:
    """What DoRA (arXiv 2402.09353, equation 5) keeps beside.

    The results of base and adapter, for the gradient of the magnitudes, and three vectors as long as these; with
    dropout the base's product is made again, in 32 bits, from a 32-bit copy of its weights.
    """
    again = train.lora_dropout > 0
    for rows, columns in targets.values():
        yield Kept(1, ((4 if again else small) + 4) * rows * places)
        yield Kept(3, 4 * rows)
        if again and small < 4:
            yield Kept(1, 4 * rows * columns)


def _shared_inputs(targets: Linears, small: int, places: int) -> Iterator[Kept]:
    """Inputs of linears with adapters, each once."""
    for names in INPUTS:
        if found := [targets[name] for name in names if name in targets]:
            yield Kept(1, small * found[0][1] * places)
