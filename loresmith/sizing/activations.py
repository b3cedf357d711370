"""What a forward pass keeps for the backward pass, tensor by tensor, as this package's own training does it.

The path: layers of transformers, LoRA fused into its linears (PEFT's own layers with dropout or DoRA), 32-bit adapters,
attention by document, no checkpointing, logits in parts and at the tokens that carry loss alone. Each entry was found
with `torch.autograd.graph.saved_tensors_hooks`, whose sums tests/sizing/test_activations.py compares. Not covered: what
the kernels of a GPU keep beside these.
"""

from dataclasses import dataclass

from loresmith.recipe import TrainConfig
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import BYTES_PER_WEIGHT, adapted

# Log-probabilities, the gradient of the loss and the gradient of the logits: three 32-bit copies at once.
LOGIT_BYTES = 12
LOGIT_ROWS = 1024
"""Tokens whose logits are there at once under a frozen head (`train.fused`)."""
# For conversations of 60 to 200 tokens that share a system message of 20: what attention sees over what the row holds.
# Each conversation looks at the opening, and shorter ones are padded to the longest of their group: 1.22 to 1.37 in
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
    """What one layer keeps of `row`."""
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
    inputs = _whole(shape, small, tokens) if train.method == "full" else _adapted(shape, train, small, tokens)
    return [*kept, *inputs]


def kept_bytes(shape: Shape, train: TrainConfig, dtype: str, row: Row) -> int:
    """What all layers keep of `row`; the logits come on top."""
    small = BYTES_PER_WEIGHT[dtype]
    layers = shape.layers * sum(item.count * item.size for item in layer(shape, train, dtype, row))
    rotary = 2 * small * shape.head_width * row.tokens
    last_norm = 4 * (shape.hidden + 1) * row.tokens
    if train.method == "full":
        return layers + rotary + last_norm
    first_norm = last_norm  # the frozen embedding needs no gradient
    pulled = small * shape.hidden * row.told  # the gradient of the head's loss, made ahead
    return layers + rotary + last_norm - first_norm + pulled


def logit_bytes(shape: Shape, train: TrainConfig, row: Row) -> int:
    """Most that the logits take at once."""
    rows = row.told if train.method == "full" else min(row.told, LOGIT_ROWS)
    return LOGIT_BYTES * shape.vocabulary * rows


def working_bytes(shape: Shape, row: Row) -> int:
    """Most that the backward pass through one feed-forward block takes beside what is kept: four 32-bit gradients."""
    return 4 * 4 * shape.inner * row.tokens


INPUTS = (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
"""Linears that have one input together."""


def _adapted(shape: Shape, train: TrainConfig, small: int, tokens: int) -> list[Kept]:
    """What linears with adapters keep; a frozen one without keeps nothing.

    Fused: each input once, each small product, and in 16 bits the adapters' numbers in 16 bits.
    """
    if train.lora_dropout > 0:
        return _dropped(shape, train, tokens)
    targets = adapted(shape, train)
    kept = [Kept(len(targets), small * train.r * tokens)]
    for names in INPUTS:
        if wanted := [name for name in names if name in targets]:
            kept.append(Kept(1, small * shape.linears[wanted[0]][1] * tokens))
    if small < 4:
        kept += [Kept(1, small * train.r * sum(shape.linears[name])) for name in targets]
    return kept


def _dropped(shape: Shape, train: TrainConfig, tokens: int) -> list[Kept]:
    """The same with dropout: each adapter keeps a mask and the dropped input for itself, in 32 bits."""
    targets = adapted(shape, train)
    kept = [Kept(len(targets), 4 * train.r * tokens)]
    return kept + [Kept(2, 4 * shape.linears[name][1] * tokens) for name in targets]


def _whole(shape: Shape, small: int, tokens: int) -> list[Kept]:
    """The inputs of trained linears, once for queries, keys and values and once for gate and up, and those of norms."""
    widths = [shape.hidden, shape.query_width, shape.hidden, shape.inner, shape.hidden, shape.hidden]
    if shape.normed_heads:
        widths += [shape.query_width, shape.key_width]
    return [Kept(1, small * width * tokens) for width in widths]
