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
"""From hidden states (n, width) and targets (n) to the summed cross-entropy."""


def row_loss(network: Any, row: Sequence[Conversation], head: Head | None = None) -> Tensor:
    """Sum in nats over the completion tokens of the conversations in `row`, each blind to the others.

    `head` makes the loss from hidden states; without it the network makes logits of all those positions.
    """
    device, shared = network.device, opening(row)
    lengths = [len(conversation.ids) for conversation in row]
    ids = [*row[0].ids[:shared], *(token for conversation in row for token in conversation.ids[shared:])]
    positions = [*range(shared), *(place for length in lengths for place in range(shared, length))]
    telling: list[int] = []
    told: list[int] = []
    for conversation, places in zip(row, places_in_row(lengths, shared), strict=True):
        telling.extend(places[conversation.completion - 1 : -1])
        told.extend(conversation.ids[conversation.completion :])
    targets, wanted = torch.tensor(told, device=device), torch.tensor(telling, device=device)
    inputs = {
        "input_ids": torch.tensor([ids], device=device),
        "position_ids": torch.tensor([positions], device=device),
        "use_cache": False,
        "documents": Documents.of(lengths, shared, device),
    }
    if head is not None:
        return head(network.model(**inputs).last_hidden_state[0].index_select(0, wanted), targets)
    logits = network(**inputs, logits_to_keep=wanted).logits[0]
    return F.cross_entropy(logits.float(), targets, reduction="sum")
