"""Attention for packed rows: each document of a row attends to itself alone, and no (time, time) mask is ever built.

Documents that open alike (with the same system message) may share that opening: it stands in the row once, and each of
them attends to it. Registered with transformers under `PACKED`. Documents of similar length are computed together,
padded on the right: with causal attention no real token sees the padding. On a GPU in 16 bits a kernel takes over
(`varlen`). Not covered: soft-capped scores and attention sinks (refused).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from torch import Tensor
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from loresmith.errors import NotBuiltYet
from loresmith.train import varlen
from loresmith.train.packing import places_in_row

PACKED = "loresmith_packed"
# A group holds documents up to this much longer than its shortest one: one call for 30 documents of 40 to 48 tokens
# costs a twentieth of 30 calls.
STRETCH = 1.5


@dataclass(frozen=True)
class Group:
    """Documents computed in one call."""

    gather: Tensor
    """(documents, longest): place in the row of each token; padding repeats the last one."""
    kept: Tensor
    """Where the tokens that this group owns are in the flattened (documents * longest)."""
    owned: Tensor
    """Their places in the row."""


@dataclass(frozen=True)
class Documents:
    """Where the documents of a packed row lie, prepared for all layers."""

    longest: int
    groups: tuple[Group, ...]
    inverse: Tensor
    """Puts the groups' tokens, one group after the other, back into the order of the row."""
    stretches: varlen.Stretches | None
    """The same for a kernel; on a GPU only."""

    @classmethod
    def of(cls, lengths: Sequence[int], shared: int, device: torch.device) -> "Documents":
        """The layout of a row with `shared` tokens that open all documents, then the rest of each in this order.

        `lengths` are whole, with the shared opening.
        """
        places = places_in_row(lengths, shared)
        groups = [_group([places[i] for i in members], 0 if 0 in members else shared) for members in _similar(lengths)]
        inverse = torch.cat([group.owned for group in groups]).argsort()
        moved = tuple(Group(g.gather.to(device), g.kept.to(device), g.owned.to(device)) for g in groups)
        stretches = varlen.Stretches.of(lengths, shared, device) if device.type == "cuda" else None
        return cls(max(lengths), moved, inverse.to(device), stretches)


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
    parts = [_attend(group, query, key, value, settings) for group in documents.groups]
    together = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)  # (heads, time, width)
    return together.index_select(1, documents.inverse).transpose(0, 1)


def _attend(group: Group, query: Tensor, key: Tensor, value: Tensor, settings: dict[str, Any]) -> Tensor:
    """The tokens that one group owns, (heads, tokens, width)."""
    count, longest = group.gather.shape

    def spread(states: Tensor) -> Tensor:  # (heads, time, width) → (documents, heads, longest, width)
        chosen = states.index_select(1, group.gather.reshape(-1))
        return chosen.view(states.shape[0], count, longest, states.shape[2]).transpose(0, 1)

    attended = F.scaled_dot_product_attention(
        spread(query),
        spread(key),
        spread(value),
        is_causal=True,
        dropout_p=settings.get("dropout", 0.0),
        scale=settings.get("scaling"),
        enable_gqa=query.shape[0] != key.shape[0],
    )
    flat = attended.transpose(0, 1).reshape(query.shape[0], count * longest, value.shape[2])
    return flat.index_select(1, group.kept)


def _similar(lengths: Sequence[int]) -> list[list[int]]:
    """Documents by index, shortest first, cut where the next is much longer than the shortest of its group."""
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        if groups and lengths[index] <= STRETCH * lengths[groups[-1][0]]:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _group(places: Sequence[Sequence[int]], shared: int) -> Group:
    """The group of documents at `places`; of a shared opening the first one owns what the others only look at.

    With `shared` 0 the first document owns its opening too.
    """
    longest = max(map(len, places))
    gather = torch.tensor([[*line, *[line[-1]] * (longest - len(line))] for line in places])
    kept, owned, seen = [], [], set(range(shared))
    for number, line in enumerate(places):
        for step, place in enumerate(line):
            if place not in seen:
                seen.add(place)
                kept.append(number * longest + step)
                owned.append(place)
    return Group(gather, torch.tensor(kept), torch.tensor(owned))


ALL_ATTENTION_FUNCTIONS.register(PACKED, packed_attention)
