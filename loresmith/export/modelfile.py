"""The Modelfile with which Ollama serves the exported file, its template derived from the tokenizer's own.

Ollama templates are written in Go's template language, chat templates in Jinja. What surrounds each message is found by
rendering a conversation of known words; the finding is then checked on other conversations. A template that does not
simply surround messages has no Go form here: the Modelfile goes without, and Ollama picks one by the template inside
the GGUF. There is no ADAPTER line: the adapter is merged, and Ollama no longer creates models from adapters
(ollama#14969).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import TemplateError

from loresmith.models.chat import FIXED
from loresmith.models.prompts import Message

ROLES = ("system", "user", "assistant")
# Words that no template treats in a special way and no tokenizer has as control tokens.
WORDS = ("granite", "basalt", "gneiss", "schist")
CHECKED = (
    ("system", "user"),
    ("system", "user", "assistant", "user"),
    ("system", "user", "assistant", "user", "assistant", "user"),
)


@dataclass(frozen=True)
class Surroundings:
    """What a template writes before and after the messages of each role."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    opening: str
    """What opens the turn that is to be written; some templates put more before a turn that is told."""

    def render(self, messages: Sequence[Message]) -> str:
        """The conversation with the assistant's turn opened."""
        turns = [self.before[m["role"]] + m["content"] + self.after[m["role"]] for m in messages]
        return "".join(turns) + self.opening

    def go(self) -> str:
        """The same as a Go template over `.Messages`."""
        cases = "".join(
            f'{{{{ {"if" if role == "system" else "else if"} eq .Role "{role}" }}}}'
            f"{self.before[role]}{{{{ .Content }}}}{self.after[role]}"
            for role in ROLES
        )
        return f"{{{{ range .Messages }}}}{cases}{{{{ end }}}}{{{{ end }}}}{self.opening}"


def surroundings(tokenizer: Any, end_of_turn: str) -> Surroundings | None:
    """What the tokenizer's template puts around messages; `None` where it does more than that.

    Args:
        tokenizer: With a chat template.
        end_of_turn: The token that ends a turn, as text.
    """
    asked: list[Message] = [{"role": role, "content": word} for role, word in zip((*ROLES, "user"), WORDS, strict=True)]
    text = _rendered(tokenizer, asked)
    if text is None or any(text.count(word) != 1 for word in WORDS):
        return None
    joints = []
    for word in WORDS:
        joint, _, text = text.partition(word)
        joints.append(joint)
    first, *between = [*joints, text]
    parts = [_parted(joint, end_of_turn) for joint in between]
    if None in parts:
        return None
    (end_system, user), (end_user, assistant), (end_assistant, _), (_, opening) = [part or ("", "") for part in parts]
    found = Surroundings(
        {"system": first.removeprefix(_bos(tokenizer)), "user": user, "assistant": assistant},
        {"system": end_system, "user": end_user, "assistant": end_assistant},
        opening,
    )
    return found if _holds(found, tokenizer) else None


def modelfile(
    around: Surroundings | None, *, system: str, stops: Sequence[str], num_ctx: int, weights: str = "model.gguf"
) -> str:
    """The Modelfile: greedy answers in a window of `num_ctx` tokens, ending at any of `stops`."""
    lines = [f"FROM ./{weights}"]
    if around is not None:
        lines.append(f'TEMPLATE """{around.go()}"""')
    lines.append(f'SYSTEM """{system}"""')
    lines += [f'PARAMETER stop "{stop}"' for stop in stops]
    # Ollama's own default window cuts long prompts without a word; the exam was greedy, so is the shipped model.
    lines += [f"PARAMETER num_ctx {num_ctx}", "PARAMETER temperature 0"]
    return "\n".join(lines) + "\n"


def _parted(joint: str, end_of_turn: str) -> tuple[str, str] | None:
    """The end of one turn (its token and the white space after) and the opening of the next."""
    before, token, after = joint.partition(end_of_turn)
    if not token:
        return None
    opening = after.lstrip()
    return before + token + after[: len(after) - len(opening)], opening


def _holds(found: Surroundings, tokenizer: Any) -> bool:
    """Whether other conversations come out alike, and the texts can stand in a Modelfile."""
    texts = [*found.before.values(), *found.after.values()]
    if any(mark in text for text in texts for mark in ("{{", "}}", '"""')):
        return False
    for roles in CHECKED:
        messages: list[Message] = [{"role": role, "content": f"{role} says {n}"} for n, role in enumerate(roles)]
        if _rendered(tokenizer, messages) != _bos(tokenizer) + found.render(messages):
            return False
    return True


def _rendered(tokenizer: Any, messages: Sequence[Message]) -> str | None:
    try:
        return str(tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True, **FIXED))
    except TemplateError:
        return None


def _bos(tokenizer: Any) -> str:
    """The token that Ollama puts first by itself, where the template writes it too."""
    text = _rendered(tokenizer, [{"role": "user", "content": WORDS[0]}])
    token = str(tokenizer.bos_token or "")
    return token if text is not None and text.startswith(token) else ""
