"""Greedy decoding of a batch: left-padded, with the positions of each row counted from its first real token.

A row leaves the batch when it ends. The prompt's logits are computed for its last position only.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

# Tokens held in the cache at once: 0.1 GB for the starter, 0.6 GB for a 3B model in 16 bits.
TOKEN_BUDGET = 16384


def batches(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Indices in groups of at most `size` and similar length, longest first; depends on the lengths alone."""
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    groups: list[list[int]] = []
    for index in order:
        if groups and len(groups[-1]) < size and (len(groups[-1]) + 1) * lengths[groups[-1][0]] <= TOKEN_BUDGET:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def left_padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, mask (1 for real tokens) and positions, each of shape (rows, longest)."""
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, width - len(row) :] = torch.tensor(row)
        mask[number, width - len(row) :] = 1
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    return ids.to(device), mask.to(device), positions.to(device)


class Rows:
    """A batch that a model writes on, token by token: rows leave it as they end, and what was read is kept."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]]) -> None:
        """`prompts` are ids, none empty."""
        self._model = model
        self._cache = DynamicCache(config=model.config)
        # what is read next, which of all ids so far are real, and where the ids stand: one row for each of `alive`
        self.ids, self.mask, self._positions = left_padded(prompts, model.device)
        self.alive = list(range(len(prompts)))
        """The numbers of the prompts that are still written on."""

    def logits(self) -> Tensor:
        """What each row may be followed by, of shape (alive, vocabulary)."""
        step = {"input_ids": self.ids, "attention_mask": self.mask, "position_ids": self._positions}
        found: Tensor = self._model(**step, past_key_values=self._cache, use_cache=True, logits_to_keep=1).logits
        return found[:, -1]

    def go_on(self, chosen: Tensor, going: Sequence[int]) -> None:
        """Read the tokens `chosen`, one for each row, in the rows at the places `going`; the others have ended."""
        if len(going) < len(self.alive):
            keep = torch.tensor(going, device=self._model.device)
            self._cache.batch_select_indices(keep)
            chosen, self.mask, self._positions = chosen[keep], self.mask[keep], self._positions[keep]
            self.alive = [self.alive[place] for place in going]
        self.ids = chosen[:, None]
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(self.alive), 1)], dim=1)
        self._positions = self._positions[:, -1:] + 1


@torch.inference_mode()
def greedy(
    model: Any,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    stops: frozenset[int],
    has_ended: Callable[[Sequence[int]], bool] | None = None,
    penalty: float = 1.0,
) -> list[tuple[list[int], bool]]:
    """For each prompt the ids of its answer without the stop token, and whether it stopped by itself.

    Args:
        model: A causal model of transformers, in evaluation mode.
        prompts: Ids, none empty.
        max_new_tokens: Most ids of an answer.
        stops: Tokens that end an answer.
        has_ended: Asked with the ids of an answer after each new one; `True` ends it, the last id included.
        penalty: Divides the positive logits of the tokens that prompt or answer already hold, and multiplies the
            negative ones (CTRL, arXiv 1909.05858, section 4.1, as transformers does it); 1 leaves them.
    """
    rows = Rows(model, prompts)
    seen = None if penalty == 1.0 else _seen(rows.ids, rows.mask, int(model.config.vocab_size))
    answers: list[list[int]] = [[] for _ in prompts]
    stopped = [False] * len(prompts)
    for _ in range(max_new_tokens):
        logits = rows.logits()
        chosen = (logits if seen is None else _penalised(logits, seen, penalty)).argmax(-1)
        going: list[int] = []
        for place, token in enumerate(chosen.tolist()):
            answer = answers[rows.alive[place]]
            if token not in stops:
                answer.append(token)
            if token in stops or (has_ended is not None and has_ended(answer)):
                stopped[rows.alive[place]] = True
            else:
                going.append(place)
        if seen is not None:
            seen[torch.arange(len(rows.alive), device=seen.device), chosen] = True
            seen = seen if len(going) == len(rows.alive) else seen[going]
        if not going:
            break
        rows.go_on(chosen, going)
    return list(zip(answers, stopped, strict=True))


def _seen(ids: Tensor, mask: Tensor, vocabulary: int) -> Tensor:
    """Which tokens each row holds, of shape (rows, vocabulary); padding is none of them."""
    found = torch.zeros(len(ids), vocabulary, dtype=torch.bool, device=ids.device)
    rows, places = mask.nonzero(as_tuple=True)
    found[rows, ids[rows, places]] = True
    return found


def _penalised(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    return torch.where(seen, torch.where(logits < 0, logits * penalty, logits / penalty), logits)


def tokens(model: Any, prompt: Sequence[int], max_new_tokens: int, stops: frozenset[int]) -> Iterator[int]:
    """The ids of one greedy answer as they come, without the stop token."""
    cache = DynamicCache(config=model.config)
    ids = torch.tensor([list(prompt)], device=model.device)
    for _ in range(max_new_tokens):
        with torch.inference_mode():
            logits = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
            token = int(logits[0, -1].argmax())
        if token in stops:
            return
        yield token
        ids = torch.tensor([[token]], device=model.device)
