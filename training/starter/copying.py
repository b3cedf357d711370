"""Start the network with heads that copy, so that training refines reading instead of having to discover it.

A small network trained on ten million tokens does not find copying by itself. So these heads are written as weights:

- in layer 0, two write to each token who came one and two places before it (its notes);
- in layer 1, two look for the earlier place whose predecessors equal the present tokens, and let the network say what
  stood there ("induction heads", arXiv 2209.11895); a third looks for the place with the same predecessors as the
  present token and notes what stands there: on a gap in a question that is the missing word of the passage;
- in layer 2, one looks for the gap, wherever it is, and says what was noted there.

Three devices are enough. "The token d places before" needs no content: constant biases of query and key, turned by
RoPE, score a distance. "Equal" compares two projections of the same token in the slow rotary pairs, which hardly
turn. "Say" is a projection and its transpose, since input and output embedding are one table. Untrained, such a
network gives the first token of half of all gaps.

No text is needed for this. Muon moves every entry of a matrix at every step, whatever its gradient, and so erases
what it was given within two hundred steps; therefore the heads stand still, and their notes are kept clear
(`Circuit.restore`), until the rest has learned to use them. Further heads begin with saying or noting what they look
at, and learn where to look (`guiding.py`); they are not held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from transformers import Qwen2ForCausalLM
from transformers.models.qwen2.modeling_qwen2 import Qwen2Attention

from training.starter.shape import Shape

EMBEDDING_SIZE = 0.2
"""Standard deviation of the embedding; everything else is sized relative to it. A small one drifts so fast that the
heads lose what they compare."""
NOTE_GAIN = 3.0 * EMBEDDING_SIZE
"""Size of a note in the residual stream. At 1.5 the embedding's own share of those directions drowned it: 11% of the
gaps were matched; 74% at 3, 79% at 4.5, where too little is left of the token itself."""
READ_GAIN = 7.5 * EMBEDDING_SIZE
FETCH_GAIN = 15.0 * EMBEDDING_SIZE
"""How loudly induction heads and the gap's head speak; the latter twice, so that it is heard at the start of an
answer."""
LATE_NOTE_GAIN = 2 * NOTE_GAIN
"""Of notes written in layer 2, where the stream is louder and attention not yet sharp."""
DISTANCE_GAIN = 8.0
"""Bias size per fast rotary pair: the wanted distance then gets nearly all of a head's attention."""
FAR_GAIN = 6.0
"""Bias size per fast rotary pair that keeps a head from its own place."""
MATCH_GAIN = 3.5
POINT_GAIN = 3.0
LATELY = 0.01
"""Radians per position of the pair that points: a gap 100 tokens back scores half of one just before."""
FINAL_NORM = 0.02 / EMBEDDING_SIZE
"""Weight of the last norm, so that the first logits are as small as with an embedding of the usual size."""
SLOW_TURN = 0.003
"""Radians per position below which a rotary pair counts as slow: 300 positions turn it by less than one radian."""


Space = Literal["seen", "before", "twice", "filling"]
"""Directions of the stream: of the token itself, and of the three notes."""


@dataclass(frozen=True)
class Start:
    """What a head that learns where to look begins with doing; unlike a written head it is free to change."""

    read: Space
    written: Space
    """`seen` says what was read, any other notes it."""


@dataclass(frozen=True)
class Piece:
    """Rows (or, for an output projection, columns) of one parameter that belong to a written head."""

    name: str
    axis: int
    start: int
    size: int
    value: Tensor


@dataclass(frozen=True)
class Guard:
    """An output projection that must leave some directions (rows of `kept`, orthonormal) to the written heads."""

    name: str
    kept: Tensor


@dataclass(frozen=True)
class Gap:
    """What the gap's heads go by."""

    entries: Sequence[int]
    """The entries that stand for a missing word in a question."""
    opener: int
    """The entry next to last before an answer ("assistant"): only after it does the gap's head speak."""


class Circuit:
    """The written heads: where they are, what they were, and who must not write over their notes."""

    def __init__(self, pieces: list[Piece], guards: list[Guard]) -> None:
        self.pieces, self.guards = pieces, guards

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        """Put the written heads back as they were, and take other blocks' writing out of their notes."""
        with torch.no_grad():
            for guard in self.guards:
                kept = guard.kept.to(weights[guard.name].device)
                weights[guard.name].addmm_(kept.t(), kept @ weights[guard.name], alpha=-1)
            for piece in self.pieces:
                weights[piece.name].narrow(piece.axis, piece.start, piece.size).copy_(piece.value)


def install(
    model: Qwen2ForCausalLM,
    shape: Shape,
    generator: torch.Generator,
    words: Tensor | None = None,
    gap: Gap | None = None,
    starts: Mapping[tuple[int, int], Start] | None = None,
) -> Circuit:
    """Write the heads into the first layers of `model`.

    Args:
        model: All its blocks are made to add nothing at first.
        shape: Its sizes; as many key heads as query heads, four times the head's width in the residual stream.
        generator: Of the random projections.
        words: First embeddings (entries, hidden) of unit variance; random when absent.
        gap: Of the heads that fill gaps; they are left out without one.
        starts: How further heads (layer, head) begin.
    """
    writer = _Writer(model, shape, generator)
    gaps = list(gap.entries) if gap else []
    with torch.no_grad():
        table = model.model.embed_tokens.weight
        words = torch.randn(table.shape, generator=generator) if words is None else words
        table.copy_(words * EMBEDDING_SIZE)
        # One direction for all spellings of a gap and for nothing else, or every comma would look like one.
        table[gaps] = directions(1, shape.hidden, generator) * EMBEDDING_SIZE * shape.hidden**0.5
        model.model.norm.weight.fill_(FINAL_NORM)
        for layer in model.model.layers:  # quiet residual stream: every block starts by adding nothing
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        size, slots = shape.head_size, len(writer.slots)
        seen, before, twice, filling = torch.split(directions(shape.hidden, shape.hidden, generator), size)
        half = slots // 2
        now, earlier = torch.cat([seen[:half], before[half:slots]]), torch.cat([before[:half], twice[half:slots]])
        writer.positional(0, 0, 1, seen, before)
        writer.positional(0, 1, 2, seen, twice)
        writer.matching(1, 0, (seen[:slots], before[:slots]), (seen, seen * READ_GAIN))
        writer.matching(1, 1, (now, earlier), (seen, seen * READ_GAIN))
        writer.matching(1, 2, (earlier, earlier), (seen, filling * NOTE_GAIN), far=True)
        if gap and gaps:
            note = before.t() @ (seen @ table[gap.opener])
            writer.pointing(2, 0, (note, table[gaps[0]]), (filling, seen * FETCH_GAIN))
        spaces: dict[Space, Tensor] = {"seen": seen, "before": before, "twice": twice, "filling": filling}
        for (layer, head), start in (starts or {}).items():
            writer.start(layer, head, start, spaces)
        notes = torch.cat([before, twice])
    guards = [Guard(f"model.layers.0.{part}.weight", notes) for part in ("mlp.down_proj", "self_attn.o_proj")]
    finds = [Guard(f"model.layers.1.{part}.weight", filling) for part in ("mlp.down_proj", "self_attn.o_proj")]
    rows = [Piece("model.embed_tokens.weight", 0, one, 1, table[one : one + 1].detach().clone()) for one in gaps]
    return Circuit([*writer.pieces(), *rows], [*guards, *finds])


def directions(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """`rows` random orthonormal directions, (rows, columns)."""
    square: Tensor = torch.linalg.qr(torch.randn(columns, columns, generator=generator))[0]
    return square[:rows]


class _Writer:
    """Writes single heads; needs as many key heads as query heads."""

    def __init__(self, model: Qwen2ForCausalLM, shape: Shape, generator: torch.Generator) -> None:
        self.model = model
        self.size, self.half = shape.head_size, shape.head_size // 2
        self.speed = shape.rope_theta ** (-torch.arange(self.half) / self.half)
        slow = torch.nonzero(self.speed < SLOW_TURN).flatten()
        self.slots = torch.cat([slow, slow + self.half])
        self.heads: list[tuple[int, int]] = []

    def positional(self, layer: int, head: int, distance: int, read: Tensor, place: Tensor) -> None:
        """Attend `distance` back, read the projection `read` and write it along `place`; both (head_size, hidden)."""
        attention, rows = self._begin(layer, head, (read, place * NOTE_GAIN))
        key, angle = self._fast(DISTANCE_GAIN), distance * self.speed
        fast = key[: self.half]
        query = torch.cat([fast * angle.cos(), -fast * angle.sin()])
        attention.k_proj.bias[rows], attention.q_proj.bias[rows] = key, query

    def matching(
        self, layer: int, head: int, compared: tuple[Tensor, Tensor], moved: tuple[Tensor, Tensor], far: bool = False
    ) -> None:
        """Attend where one projection equals another of the present token, read there and write.

        Args:
            layer: Number of the layer.
            head: Number of the head.
            compared: Projections of the present token and of the earlier one, each (slots, hidden).
            moved: What is read and where it is written, each (head_size, hidden).
            far: Near places count less: where both projections are one, a token is its own best match.
        """
        query, key = compared
        attention, rows = self._begin(layer, head, moved)
        if far:
            fast = self._fast(FAR_GAIN)
            attention.k_proj.bias[rows], attention.q_proj.bias[rows] = fast, -fast
        attention.q_proj.weight[rows.start + self.slots] = MATCH_GAIN * query
        attention.k_proj.weight[rows.start + self.slots] = MATCH_GAIN * key

    def pointing(self, layer: int, head: int, ends: tuple[Tensor, Tensor], moved: tuple[Tensor, Tensor]) -> None:
        """From a token that holds one of `ends` (hidden), attend to the last that holds the other; read and write."""
        attention, rows = self._begin(layer, head, moved)
        slot = rows.start + int((self.speed - LATELY).abs().argmin())
        for part, held in zip((attention.q_proj, attention.k_proj), ends, strict=True):
            part.weight[slot] = POINT_GAIN * held / held.norm()

    def start(self, layer: int, head: int, start: Start, spaces: Mapping[Space, Tensor]) -> None:
        """Begin a head as `start` says; its queries and keys are random."""
        attention, rows = self.model.model.layers[layer].self_attn, slice(head * self.size, (head + 1) * self.size)
        gain = READ_GAIN if start.written == "seen" else LATE_NOTE_GAIN
        attention.v_proj.weight[rows] = spaces[start.read]
        attention.o_proj.weight[:, rows] = spaces[start.written].t() * gain

    def _fast(self, gain: float) -> Tensor:
        """`gain` in the fast rotary pairs, with angle zero, (head_size)."""
        return torch.cat([(self.speed >= SLOW_TURN).float() * gain, torch.zeros(self.half)])

    def _begin(self, layer: int, head: int, moved: tuple[Tensor, Tensor]) -> tuple[Qwen2Attention, slice]:
        """An empty head that reads along `moved[0]` and writes along `moved[1]`, and its rows."""
        attention = self.model.model.layers[layer].self_attn
        rows = slice(head * self.size, (head + 1) * self.size)
        for part in "qkv":
            projection = getattr(attention, f"{part}_proj")
            projection.weight[rows], projection.bias[rows] = 0, 0
        attention.v_proj.weight[rows], attention.o_proj.weight[:, rows] = moved[0], moved[1].t()
        self.heads.append((layer, head))
        return attention, rows

    def pieces(self) -> list[Piece]:
        """What was written, for `Circuit`."""
        weights = dict(self.model.named_parameters())
        found = []
        for layer, head in self.heads:
            start = head * self.size
            prefix = f"model.layers.{layer}.self_attn."
            places = [(f"{prefix}{part}_proj.{sort}", 0) for part in "qkv" for sort in ("weight", "bias")]
            for name, axis in [*places, (f"{prefix}o_proj.weight", 1)]:
                value = weights[name].detach().narrow(axis, start, self.size).clone()
                found.append(Piece(name, axis, start, self.size, value))
        return found
