"""Greedy decoding of a batch where each row is bound to a form of its own.

Of the tokens that a row's grammar allows, the likeliest is taken. The grammar is llguidance's, the same that llama.cpp
carries. A row leaves the batch when its form is filled.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from loresmith.errors import MachineError, UserError
from loresmith.models.decoding import Rows
from loresmith.models.forms import Form, grammar


class Bounds:
    """What llguidance has to know of a tokenizer, built once: it reads the whole vocabulary."""

    def __init__(self, tokenizer: Any, vocabulary: int) -> None:
        """`vocabulary` is the width of the model's logits, which may be more than the tokenizer has.

        Raises:
            UserError: llguidance is missing, or cannot read the tokenizer.
        """
        try:
            import llguidance
            import llguidance.hf
        except ImportError as fault:
            raise UserError(
                "Questions under a grammar need llguidance.", next_step="Install it: `pip install llguidance`."
            ) from fault
        try:
            self._tokens = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary, slices=[])
        except ValueError as fault:
            raise UserError(
                f"llguidance cannot read this tokenizer: {fault}.", next_step="Use the exported GGUF file."
            ) from fault
        self._matcher = llguidance.LLMatcher
        self.words = (vocabulary + 31) // 32

    def begun(self, form: Form) -> Any:
        """A matcher at the beginning of `form`."""
        matcher = self._matcher(self._tokens, self._matcher.grammar_from_lark(grammar(form)), log_level=0)
        if matcher.is_error():
            raise MachineError(f"A form is no grammar: {matcher.get_error()}", next_step="Please report this.")
        return matcher

    def allowed(self, matchers: Sequence[Any], width: int) -> Tensor:
        """Which tokens each row may write now, of shape (rows, width)."""
        bits = np.zeros((len(matchers), self.words), dtype=np.int32)
        for place, matcher in enumerate(matchers):
            matcher.unsafe_compute_mask_ptr(bits[place].ctypes.data, bits[place].nbytes)
        flags = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, :width]
        return torch.from_numpy(flags.astype(bool))


@torch.inference_mode()
def filled(
    model: Any, bounds: Bounds, prompts: Sequence[Sequence[int]], forms: Sequence[Form], most: int
) -> list[tuple[list[int], bool]]:
    """For each prompt the ids of its reply, and whether the form was filled within `most` tokens.

    Args:
        model: A causal model of transformers, in evaluation mode.
        bounds: Of its tokenizer.
        prompts: Ids, none empty.
        forms: One for each prompt.
        most: Most ids of a reply; `forms.together` of them is always enough.
    """
    rows = Rows(model, prompts)
    matchers = [bounds.begun(form) for form in forms]
    replies: list[list[int]] = [[] for _ in prompts]
    ended = [False] * len(prompts)
    for _ in range(most):
        logits = rows.logits()
        allowed = bounds.allowed([matchers[row] for row in rows.alive], logits.shape[-1]).to(logits.device)
        chosen = logits.masked_fill(~allowed, float("-inf")).argmax(-1)
        going: list[int] = []
        for place, (row, token) in enumerate(zip(rows.alive, chosen.tolist(), strict=True)):
            if not matchers[row].consume_token(token):
                continue  # no token is allowed: the row stays unfilled, which the caller sees
            replies[row].append(token)
            ended[row] = bool(matchers[row].is_stopped())
            if not ended[row]:
                going.append(place)
        if not going:
            break
        rows.go_on(chosen, going)
    return list(zip(replies, ended, strict=True))
