"""The loss of a packed row: cross-entropy over completion tokens, summed, so that rows of one step can be weighed.

What all conversations of a row open with (mostly the system message, 40% of a short one) is computed once. Only the
positions that predict a completion token are projected to the vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from torch import Tensor

from loresmith.plugins import Conversation
from loresmith.train.attention import Documents
from loresmith.train.packing import places_in_row

IGNORED = -100
"""Target of a position without loss."""
GRAIN = 32
"""To multiples of it documents are filled up on a CPU in 16 bits, and rows to multiples of it and a sixteenth.

The CPU's library of products compiles and keeps code for every shape it meets, up to two megabytes each: rows of ever
other lengths took as much memory again as the whole training.
"""


def loss_tokens(row: Sequence[Conversation]) -> int:
    """Completion tokens in a row."""
    return sum(len(conversation.ids) - conversation.completion for conversation in row)


def opening(row: Sequence[Conversation]) -> int:
    """How many prompt tokens all conversations of `row` begin with; 0 where there is only one."""
    if len(row) < 2:
        return 0
    prompts = [conversation.ids[: conversation.completion] for conversation in row]
    first, last = min(prompts), max(prompts)  # what these two share, all between them share
    return next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))


Head = Callable[[Tensor, Tensor], Tensor]
"""From hidden states (n, width) and targets (n) to the summed cross-entropy; targets may be `IGNORED`."""


def row_loss(network: Any, row: Sequence[Conversation], head: Head | None = None) -> Tensor:
    """Sum in nats over the completion tokens of the conversations in `row`, each blind to the others.

    `head` makes the loss from hidden states; without it the network makes logits of all those positions.
    """
    device, shared = network.device, opening(row)
    fills = device.type == "cpu" and network.dtype in (torch.bfloat16, torch.float16)
    lengths = [len(conversation.ids) for conversation in row]
    ids = [*row[0].ids[:shared], *(token for conversation in row for token in conversation.ids[shared:])]
    positions = [*range(shared), *(place for length in lengths for place in range(shared, length))]
    telling: list[int] = []
    told: list[int] = []
    for conversation, places in zip(row, places_in_row(lengths, shared), strict=True):
        telling.extend(places[conversation.completion - 1 : -1])
        told.extend(conversation.ids[conversation.completion :])
    if fills and (missing := _missing(len(ids))):  # a document more, in which nothing is learned
        ids += ids[:1] * missing
        positions += range(shared, shared + missing)
        lengths.append(shared + missing)
    if fills and (missing := _missing(len(told))):
        telling += [len(ids) - 1] * missing
        told += [IGNORED] * missing
    targets, wanted = torch.tensor(told, device=device), torch.tensor(telling, device=device)
    inputs = {
        "input_ids": torch.tensor([ids], device=device),
        "position_ids": torch.tensor([positions], device=device),
        "use_cache": False,
        "documents": Documents.of(lengths, shared, device, GRAIN if fills else 1),
    }
    if head is not None:
        hidden = network.model(**inputs, told=wanted).last_hidden_state[0]
        if len(hidden) == len(ids):  # the last layer takes no wishes (`layers`)
            hidden = hidden.index_select(0, wanted)
        return head(hidden, targets)
    logits = network(**inputs, logits_to_keep=wanted).logits[0]
    return F.cross_entropy(logits.float(), targets, reduction="sum", ignore_index=IGNORED)


def _missing(length: int) -> int:
    """Places to fill up, so that a row twice as long has no more shapes."""
    return -length % max(GRAIN, 1 << length.bit_length() - 5 if length > GRAIN else 1)
