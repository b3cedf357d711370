"""How likely a model finds given continuations. Contexts that occur several times are computed once.

Logits are made for the last position of each context and for the continuations only: the whole (batch, time,
vocabulary) block of a long context would take gigabytes.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import DynamicCache

from loresmith.models.decoding import TOKEN_BUDGET, left_padded

# Numbers in one block of logits: 256 MB in fp32.
LOGIT_BUDGET = 64 << 20

Pair = tuple[Sequence[int], Sequence[int]]


def loglikelihood(model: Any, pairs: Sequence[Pair], batch_size: int) -> list[float]:
    """For each (context, continuation) the sum of log p over the continuation, in nats; 0 for an empty one."""
    by_context: dict[tuple[int, ...], list[int]] = {}
    for index, (context, _) in enumerate(pairs):
        by_context.setdefault(tuple(context), []).append(index)
    found = [0.0] * len(pairs)
    for contexts in _groups(by_context, batch_size):
        members = [index for context in contexts for index in by_context[context]]
        owners = [row for row, context in enumerate(contexts) for _ in by_context[context]]
        sums = _weigh(model, contexts, owners, [pairs[index][1] for index in members])
        for index, value in zip(members, sums, strict=True):
            found[index] = value
    return found


def _groups(by_context: dict[tuple[int, ...], list[int]], size: int) -> list[list[tuple[int, ...]]]:
    """Contexts of similar length together, the longest first, within the token budget."""
    order = sorted(by_context, key=lambda context: (-len(context), context))
    groups: list[list[tuple[int, ...]]] = []
    rows = 0
    for context in order:
        more = len(by_context[context])
        if groups and len(groups[-1]) < size and (rows + more) * len(groups[-1][0]) <= TOKEN_BUDGET:
            groups[-1].append(context)
            rows += more
        else:
            groups.append([context])
            rows = more
    return groups


@torch.inference_mode()
def _weigh(
    model: Any, contexts: Sequence[Sequence[int]], owners: Sequence[int], continuations: Sequence[Sequence[int]]
) -> list[float]:
    """Sums of log p of `continuations`; the i-th one follows `contexts[owners[i]]`."""
    ids, mask, positions = left_padded(contexts, model.device)
    cache = DynamicCache(config=model.config)
    first = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    ).logits[:, -1]  # (contexts, vocabulary)
    owner = torch.tensor(owners, device=model.device)
    targets = pad_sequence([torch.tensor(c, dtype=torch.long) for c in continuations], batch_first=True).to(
        model.device
    )
    lengths = torch.tensor([len(c) for c in continuations], device=model.device)
    if targets.shape[1] == 0:
        return [0.0] * len(continuations)
    sums = _log_p(first[owner], targets[:, 0]) * (lengths > 0)
    if targets.shape[1] > 1:
        cache.batch_select_indices(owner)
        real = torch.arange(targets.shape[1] - 1, device=model.device) < (lengths - 1)[:, None]
        step = {
            "input_ids": targets[:, :-1],
            "attention_mask": torch.cat([mask[owner], torch.ones_like(targets[:, :-1])], dim=1),
            "position_ids": positions[owner, -1:] + 1 + torch.arange(targets.shape[1] - 1, device=model.device),
        }
        sums = sums + (_following(model, step, cache, targets[:, 1:]) * real).sum(1)
    return [float(value) for value in sums.tolist()]


def _following(model: Any, step: dict[str, Tensor], cache: Any, targets: Tensor) -> Tensor:
    """Log p of `targets` (rows, time) after the inputs of `step`, projected to the vocabulary in bounded blocks."""
    vocabulary = int(model.config.vocab_size)
    width = max(1, LOGIT_BUDGET // (vocabulary * targets.shape[0]))
    if width >= targets.shape[1]:
        return _log_p(model(**step, past_key_values=cache, use_cache=True).logits, targets)
    found = []
    for start in range(0, targets.shape[1], width):  # the cache grows by `width` tokens at a time
        stop = min(start + width, targets.shape[1])
        seen = step["attention_mask"].shape[1] - targets.shape[1] + stop
        part = {
            "input_ids": step["input_ids"][:, start:stop],
            "attention_mask": step["attention_mask"][:, :seen],
            "position_ids": step["position_ids"][:, start:stop],
        }
        logits = model(**part, past_key_values=cache, use_cache=True).logits
        found.append(_log_p(logits, targets[:, start:stop]))
    return torch.cat(found, dim=1)


def _log_p(logits: Tensor, targets: Tensor) -> Tensor:
    """Log softmax at `targets`, in fp32 and without a second copy of the block."""
    wide = logits.float()
    chosen: Tensor = wide.gather(-1, targets[..., None]).squeeze(-1)
    return chosen - torch.logsumexp(wide, dim=-1)
