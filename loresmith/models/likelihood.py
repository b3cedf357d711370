"""How likely a model finds given continuations. Contexts that occur several times are computed once.

Where the contexts of a batch begin alike, as few-shot examples do, the common beginning is computed once as well.
Logits are made for the last position of each context and for the continuations only: the whole (batch, time,
vocabulary) block of a long context would take gigabytes.
"""

from collections.abc import Sequence
from copy import copy
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import DynamicCache

from loresmith.models.decoding import TOKEN_BUDGET, left_padded

# Numbers in one block of logits: 256 MB in fp32.
LOGIT_BUDGET = 64 << 20

# A pass of its own costs more than it saves below this many common tokens.
FEWEST_SHARED = 32

# Shortest continuation of a pass, as a share of its longest: 1/5 less processor time on ARC than one pass for all.
ALIKE = 0.7

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
    first, cache, mask, positions = _read(model, contexts)
    lengths = [len(continuation) for continuation in continuations]
    sums = torch.zeros(len(continuations), device=model.device)
    begun = [row for row, length in enumerate(lengths) if length]
    if not begun:
        return sums.tolist()
    heads = torch.tensor([continuations[row][0] for row in begun], device=model.device)
    sums[begun] = _first_log_p(first, torch.tensor([owners[row] for row in begun], device=model.device), heads)
    for rows in _alike(lengths):
        owner = torch.tensor([owners[row] for row in rows], device=model.device)
        targets = pad_sequence([torch.tensor(continuations[row]) for row in rows], batch_first=True).to(model.device)
        width = targets.shape[1] - 1
        real = torch.arange(width) < torch.tensor([lengths[row] - 1 for row in rows])[:, None]
        step = {
            "input_ids": targets[:, :-1],
            "attention_mask": torch.cat([mask[owner], torch.ones_like(targets[:, :-1])], dim=1),
            "position_ids": positions[owner, -1:] + 1 + torch.arange(width, device=model.device),
        }
        found = _following(model, step, _selected(cache, owner), targets[:, 1:])
        sums[rows] += (found * real.to(model.device)).sum(1)
    return sums.tolist()


def _alike(lengths: Sequence[int]) -> list[list[int]]:
    """The places of what is longer than one token, the longest first, each part of about one length."""
    order = sorted((row for row, length in enumerate(lengths) if length > 1), key=lambda row: (-lengths[row], row))
    parts: list[list[int]] = []
    for row in order:
        if parts and lengths[row] - 1 >= ALIKE * (lengths[parts[-1][0]] - 1):
            parts[-1].append(row)
        else:
            parts.append([row])
    return parts


def _selected(cache: Any, rows: Tensor) -> Any:
    """`cache` for `rows`; what it was taken from stays as it is."""
    part = copy(cache)
    part.layers = [copy(layer) for layer in cache.layers]
    part.batch_select_indices(rows)
    return part


def _first_log_p(logits: Tensor, owner: Tensor, targets: Tensor) -> Tensor:
    """Log p of `targets` after the contexts `owner`, whose `logits` (contexts, vocabulary) are normed once."""
    wide = logits.float()
    chosen: Tensor = wide[owner, targets]
    return chosen - torch.logsumexp(wide, dim=-1)[owner]


def _read(model: Any, contexts: Sequence[Sequence[int]]) -> tuple[Tensor, Any, Tensor, Tensor]:
    """The logits after each context (contexts, vocabulary), its cache, and mask and last positions (contexts, ...)."""
    cache = DynamicCache(config=model.config)
    # padding then lies behind the shared part, where a sliding window would count it as tokens
    shared = 0 if any(cache.is_sliding) else _shared_length(contexts)
    if shared:
        head = torch.tensor([list(contexts[0][:shared])], device=model.device)
        model(input_ids=head, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache.batch_repeat_interleave(len(contexts))
    ids, mask, positions = left_padded([context[shared:] for context in contexts], model.device)
    mask = torch.cat([mask.new_ones(len(contexts), shared), mask], dim=1)
    positions = positions + shared
    logits = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    ).logits[:, -1]
    return logits, cache, mask, positions


def _shared_length(contexts: Sequence[Sequence[int]]) -> int:
    """How many tokens all contexts begin with, their last one left out; 0 where sharing them is not worth a pass."""
    if len(contexts) < 2:
        return 0
    shortest = min(map(len, contexts)) - 1
    columns = zip(*(context[:shortest] for context in contexts), strict=True)
    shared = next((place for place, column in enumerate(columns) if len(set(column)) > 1), shortest)
    return shared if shared >= FEWEST_SHARED else 0


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
