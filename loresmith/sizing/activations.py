"""What a forward pass keeps for the backward pass, tensor by tensor, as this package's own training does it.

The path: layers of transformers, LoRA fused into its linears (PEFT's own layers for QLoRA, dropout and DoRA), 32-bit
adapters, attention by document, no checkpointing, logits in parts and at the tokens that carry loss alone; full
training with 32-bit weights, which a GPU multiplies in 16 bits. Each entry was found with
`torch.autograd.graph.saved_tensors_hooks`, whose sums tests/sizing/test_activations.py compares. Not covered: what the
kernels of a GPU keep beside these.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from loresmith.recipe import TrainConfig
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import BYTES_PER_WEIGHT, adapted

# For conversations of 60 to 200 tokens that share a system message of 20: what attention sees over what the row holds.
# Each conversation looks at the opening, and shorter ones are padded to the longest of their group: 1.18 to 1.41 in
# benchmarks/plan.py.
ATTENDED = 1.3
TOLD = 0.5
"""Share of tokens that carry loss where the questions are not known yet: long answers to short questions."""


@dataclass(frozen=True)
class Row:
    """The fullest row of tokens of a run; the peak follows from it."""

    tokens: int
    attended: int
    """Tokens that attention sees: shared openings once for each conversation, and padding."""
    told: int
    """Tokens that carry loss."""

    @classmethod
    def of(cls, tokens: int, told: float = TOLD, attended: float = ATTENDED) -> "Row":
        """A row of `tokens` tokens; the share that carries loss, and how much more attention sees."""
        return cls(tokens, int(tokens * attended), max(1, round(tokens * told)))


@dataclass(frozen=True)
class Kept:
    """Tensors of one kind that one layer keeps."""

    count: int
    size: int
    """Bytes of one of them."""


def layer(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> list[Kept]:
    """What one layer keeps of `row`; `dtype` is what products are computed in."""
    small, tokens = BYTES_PER_WEIGHT[dtype], row.tokens
    kept = [
        Kept(2, 4 * shape.hidden * tokens),  # the inputs of both norms, which compute in 32 bits
        Kept(2, 4 * tokens),  # and their scales
        Kept(2, small * shape.query_width * row.attended),  # queries and results of attention
        Kept(2, small * shape.key_width * row.attended),  # keys and values
        Kept(1, 4 * shape.heads * row.attended),  # log-sums of attention
        Kept(3, small * shape.inner * tokens),  # gate, its activation, and up
    ]
    if shape.normed_heads:
        for heads in (shape.heads, shape.key_heads):
            kept += [Kept(1, 4 * heads * shape.head_width * tokens), Kept(1, 4 * heads * tokens)]
    if train.method == "full":
        return [*kept, *_whole(shape, small, tokens)]
    return [*kept, *(_fused if is_fused(train) else _by_peft)(shape, train, small, tokens)]


def is_fused(train: TrainConfig) -> bool:
    """Whether an adapter's linears are computed by `train.fused`; PEFT's own layers keep more."""
    return train.method == "lora" and train.lora_dropout == 0 and not train.use_dora


def kept_bytes(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> int:
    """What all layers keep of `row`; the logits come on top."""
    small = BYTES_PER_WEIGHT[dtype]
    layers = shape.layers * sum(item.count * item.size for item in layer(shape, train, dtype, row))
    rotary = 2 * small * shape.head_width * row.tokens
    last_norm = 4 * (shape.hidden + 1) * row.tokens
    at_loss = small * shape.hidden * row.told  # the head's input, or the gradient of its loss, made ahead
    if train.method == "full":
        rotary = 2 * 4 * shape.head_width * row.tokens
        normed = 4 * shape.hidden * row.tokens  # for the gradient of the last norm's weights
        return layers + rotary + last_norm + normed + at_loss
    # the frozen embedding needs no gradient: not for the first norm, nor through the dropout of what follows it
    first = last_norm + (_masks(shape, train, INPUTS[0]) * row.tokens if train.lora_dropout > 0 else 0)
    return layers + rotary + last_norm - first + at_loss


INPUTS = (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
"""Linears that have one input together."""


def _fused(shape: Shape, train: TrainConfig, small: int, tokens: int) -> list[Kept]:
    """What linears with fused adapters keep; a frozen one without keeps nothing.

    Each input once, each small product, and in 16 bits the adapters' numbers in 16 bits.
    """
    targets = adapted(shape, train)
    kept = [Kept(len(targets), small * train.r * tokens), *_shared_inputs(shape, train, small, tokens)]
    if small < 4:
        kept += [Kept(1, small * train.r * sum(sizes)) for sizes in targets.values()]
    return kept


def _by_peft(shape: Shape, train: TrainConfig, small: int, tokens: int) -> list[Kept]:
    """What PEFT's layers keep: they compute in 32 bits, so of a 16-bit input each makes a copy of its own.

    With dropout each keeps the mask and the dropped input.
    """
    targets = adapted(shape, train)
    kept = [Kept(len(targets), 4 * train.r * tokens)]
    if train.lora_dropout > 0:
        kept += [Kept(2, 4 * columns * tokens) for _, columns in targets.values()]
    elif small < 4:
        kept += [Kept(1, 4 * columns * tokens) for _, columns in targets.values()]
    else:
        kept += _shared_inputs(shape, train, small, tokens)
    if train.use_dora:
        kept += _decomposed(shape, train, small, tokens)
    return kept


def _masks(shape: Shape, train: TrainConfig, names: tuple[str, ...]) -> int:
    """Bytes a token of the masks of dropout before the linears in `names`."""
    targets = adapted(shape, train)
    return sum(4 * targets[name][1] for name in names if name in targets)


def _decomposed(shape: Shape, train: TrainConfig, small: int, tokens: int) -> Iterator[Kept]:
    """What DoRA (arXiv 2402.09353, equation 5) keeps beside.

    The results of base and adapter, for the gradient of the magnitudes, and three vectors as long as these; with
    dropout the base's product is made again, in 32 bits, from a 32-bit copy of its weights.
    """
    again = train.lora_dropout > 0
    for rows, columns in adapted(shape, train).values():
        yield Kept(1, ((4 if again else small) + 4) * rows * tokens)
        yield Kept(3, 4 * rows)
        if again and small < 4:
            yield Kept(1, 4 * rows * columns)


def _shared_inputs(shape: Shape, train: TrainConfig, small: int, tokens: int) -> Iterator[Kept]:
    """Inputs of linears with adapters, each once."""
    targets = adapted(shape, train)
    for names in INPUTS:
        if any(name in targets for name in names):
            yield Kept(1, small * shape.linears[names[0]][1] * tokens)


def _whole(shape: Shape, small: int, tokens: int) -> list[Kept]:
    """What trained weights need: the inputs of linears, and the results of norms before their weights.

    In 32 bits linears that have one input share it; what is multiplied in 16 bits is copied for each of them.
    """
    inputs = [(names if small < 4 else names[:1]) for names in INPUTS]
    kept = [Kept(len(names), small * shape.linears[names[0]][1] * tokens) for names in inputs]
    kept.append(Kept(2, 4 * shape.hidden * tokens))
    if shape.normed_heads:
        kept += [Kept(1, small * width * tokens) for width in (shape.query_width, shape.key_width)]
    return kept
