"""Attention for packed rows: each document of a row attends to itself alone, and no (time, time) mask is ever built.

Documents that open alike (with the same system message) may share that opening: it stands in the row once, and each of
them attends to it. Registered with transformers under `PACKED`. Documents of similar length are computed together,
padded on the right: with causal attention no real token sees the padding. On a GPU in 16 bits a kernel takes over
(`varlen`), on a CPU in 16 bits plain products do (`short`). Not covered: soft-capped scores and attention sinks
(refused).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from torch import Tensor
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from loresmith.errors import NotBuiltYet
from loresmith.train import short, varlen
from loresmith.train.packing import places_in_row

PACKED = "loresmith_packed"
# A group holds documents up to this much longer than its shortest one: one call for 30 documents of 40 to 48 tokens
# costs a twentieth of 30 calls.
STRETCH = 1.5


@dataclass(frozen=True)
class Group:
    """Documents computed in one call, each padded to the longest."""

    count: int
    longest: int

    @property
    def slots(self) -> int:
        """Places of all its documents with their padding."""
        return self.count * self.longest


@dataclass(frozen=True)
class Documents:
    """Where the documents of a packed row lie, prepared for all layers.

    The documents of all groups one after the other, each padded, are the slots of the row. A token of a shared opening
    fills a slot of every document, and owns the first of them; padding repeats a document's last token.
    """

    longest: int
    groups: tuple[Group, ...]
    fillers: Tensor
    """(slots): the place in the row of what fills a slot."""
    homes: Tensor
    """(time): the slot that the token at a place of the row owns."""
    owned: Tensor
    """(slots, 1): whether a slot is the home of what fills it."""
    has_opening: bool
    stretches: varlen.Stretches | None
    """The same for a kernel; on a GPU only."""

    @classmethod
    def of(cls, lengths: Sequence[int], shared: int, device: torch.device, grain: int = 1) -> "Documents":
        """The layout of a row with `shared` tokens that open all documents, then the rest of each in this order.

        `lengths` are whole, with the shared opening. With a `grain`, documents are padded to multiples of it and
        grouped by what results, so that other rows have the same shapes.
        """
        places = places_in_row(lengths, shared)
        groups, fillers = [], []
        for members in _similar(lengths, grain):
            longest = _rounded(max(lengths[index] for index in members), grain)
            groups.append(Group(len(members), longest))
            for line in (places[index] for index in members):
                fillers += [*line, *[line[-1]] * (longest - len(line))]
        homes = [-1] * (shared + sum(lengths) - shared * len(lengths))
        for slot in range(len(fillers) - 1, -1, -1):
            homes[fillers[slot]] = slot
        stretches = varlen.Stretches.of(lengths, shared, device) if device.type == "cuda" else None
        filled, home = torch.tensor(fillers), torch.tensor(homes)
        owned = torch.zeros(len(fillers), 1, dtype=torch.bool)
        owned[home] = True
        has_opening = shared > 0 and len(lengths) > 1
        moved = filled.to(device), home.to(device), owned.to(device)
        return cls(max(lengths), tuple(groups), *moved, has_opening, stretches)


def packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **settings: Any,
) -> tuple[Tensor, None]:
    """Causal attention within each document; `query` is (1, heads, time, width), the result (1, time, heads, width).

    Raises:
        NotBuiltYet: the layout needs what this cannot do, or did not hand the documents on; never a wrong result.
    """
    documents = settings.get("documents")
    window = settings.get("sliding_window")
    unknown = [name for name in ("softcap", "s_aux", "position_bias") if settings.get(name) is not None]
    if window is not None and isinstance(documents, Documents) and documents.longest > window:
        unknown.append("sliding_window")
    if not isinstance(documents, Documents) or unknown:
        what = ", ".join(unknown) or "documents not handed on"
        raise NotBuiltYet(
            f"Packed training does not know this model's attention ({what}).",
            next_step="Choose a model of the llama, qwen2 or qwen3 layout.",
        )
    kernel = varlen.kernel_for(query[0], key[0]) if documents.stretches and not settings.get("dropout") else None
    if kernel is not None and documents.stretches is not None:
        states = query[0], key[0], value[0]
        return varlen.attend(kernel, documents.stretches, states, settings.get("scaling"))[None], None
    return grouped(documents, query[0], key[0], value[0], settings)[None], None


def grouped(documents: Documents, query: Tensor, key: Tensor, value: Tensor, settings: dict[str, Any]) -> Tensor:
    """The same for states of one row, each (heads, time, width), in groups of similar length; (time, heads, width)."""
    spread = [_Spread.apply(states, documents, states is not query) for states in (query, key, value)]  # type: ignore[no-untyped-call]
    parts = [_attend(q, k, v, settings).flatten(1, 2) for q, k, v in zip(*spread, strict=True)]
    together: Tensor = _Together.apply(documents, *parts)  # type: ignore[no-untyped-call]
    return together


def _attend(query: Tensor, key: Tensor, value: Tensor, settings: dict[str, Any]) -> Tensor:
    """Causal attention of one group; each (heads, documents, longest, width)."""
    scale, dropout = settings.get("scaling"), settings.get("dropout", 0.0)
    if not dropout and short.is_better(query):
        return short.attend(query, key, value, scale)
    attended = F.scaled_dot_product_attention(
        query.transpose(0, 1),
        key.transpose(0, 1),
        value.transpose(0, 1),
        is_causal=True,
        dropout_p=dropout,
        scale=scale,
        enable_gqa=query.shape[0] != key.shape[0],
    )
    return attended.transpose(0, 1)


class _Spread(torch.autograd.Function):
    """From the states of a row (heads, time, width) to those of each group (heads, documents, longest, width).

    Its gradient is gathered from the slots that tokens own: all others have none, but for the keys and values of a
    shared opening (`everywhere`), which every document pulls at.
    """

    @staticmethod
    def forward(context: Any, states: Tensor, documents: Documents, everywhere: bool) -> tuple[Tensor, ...]:
        context.documents, context.everywhere = documents, everywhere
        parts = torch.split(documents.fillers, [group.slots for group in documents.groups])
        return tuple(
            states.index_select(1, part).view(-1, group.count, group.longest, states.shape[2])
            for group, part in zip(documents.groups, parts, strict=True)
        )

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        documents = context.documents
        slots = torch.cat([gradient.flatten(1, 2) for gradient in gradients], dim=1)
        if not (documents.has_opening and context.everywhere):
            return slots.index_select(1, documents.homes), None, None
        whole = torch.zeros(slots.shape[0], len(documents.homes), slots.shape[2], device=slots.device)
        summed = whole.to(torch.promote_types(slots.dtype, torch.float32))  # many small ones: not in 16 bits
        return summed.index_add_(1, documents.fillers, slots.to(summed.dtype)).to(slots.dtype), None, None


class _Together(torch.autograd.Function):
    """From what each group attended to (heads, its slots, width) back to the row, (time, heads, width)."""

    @staticmethod
    def forward(context: Any, documents: Documents, *parts: Tensor) -> Tensor:
        context.documents = documents
        slots = torch.cat([part.transpose(0, 1) for part in parts])
        return slots.index_select(0, documents.homes)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        documents = context.documents
        slots = gradients[0].transpose(0, 1).index_select(1, documents.fillers)  # (heads, slots, width)
        slots.masked_fill_(~documents.owned, 0)
        return None, *torch.split(slots, [group.slots for group in documents.groups], dim=1)


def _similar(lengths: Sequence[int], grain: int) -> list[list[int]]:
    """Documents by index, shortest first, cut where the next is much longer than the shortest of its group."""
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        if groups and _goes_with(lengths[index], lengths[groups[-1][0]], grain):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _goes_with(length: int, shortest: int, grain: int) -> bool:
    if grain > 1:
        return _rounded(length, grain) == _rounded(shortest, grain)
    return length <= STRETCH * shortest


def _rounded(length: int, grain: int) -> int:
    return -(-length // grain) * grain


ALL_ATTENTION_FUNCTIONS.register(PACKED, packed_attention)
