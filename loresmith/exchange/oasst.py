"""OpenAssistant trees, nested as exported or flat as on the Hub (one row per message, with `parent_id`).

Every way from the first question down to an answer is a conversation. What review rejected or authors deleted is cut
off with all below it, and a question at the end that nobody answered is left out; both are counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loresmith.exchange.dialogue import Refused, Said, Turn
from loresmith.exchange.row_format import Content, RowFormat
from loresmith.exchange.turns import ROLES

UNANSWERED = "a question at the end of a thread has no answer and is left out"
REJECTED = "a message that was deleted or failed review is left out, with the replies to it"


def is_message(content: Content) -> bool:
    """Whether a row is one message of a flat tree."""
    return {"message_id", "parent_id", "text", "role"} <= content.keys()


def trees(messages: Iterable[Content]) -> Iterator[dict[str, Any]]:
    """Flat messages as trees, in the order of their first questions; what hangs on no tree is given alone."""
    nodes = {str(message["message_id"]): {**message, "replies": []} for message in messages}
    for node in nodes.values():
        parent = nodes.get(str(node["parent_id"])) if node["parent_id"] else None
        if parent is not None:
            parent["replies"].append(node)
    for node in nodes.values():
        if not node["parent_id"] or str(node["parent_id"]) not in nodes:
            yield {"message_tree_id": node.get("message_tree_id") or node["message_id"], "prompt": node}


def _claims(content: Content) -> bool:
    prompt = content.get("prompt")
    return is_message(content) or ("message_tree_id" in content and isinstance(prompt, Mapping))


def _read(content: Content) -> Iterator[Said]:
    prompt = content.get("prompt")
    if not isinstance(prompt, Mapping):
        raise Refused("a tree without its first message")
    threads = _Threads()
    threads.follow(prompt, ())
    if not threads.found:
        raise Refused("a tree in which nothing is answered")
    notes = (*[UNANSWERED] * threads.unanswered, *[REJECTED] * threads.rejected)
    for number, turns in enumerate(threads.found):
        yield Said(turns, notes=notes if number == 0 else ())


class _Threads:
    """The ways down a tree, and what was cut off."""

    def __init__(self) -> None:
        self.found: list[tuple[Turn, ...]] = []
        self.unanswered = self.rejected = 0

    def follow(self, node: Mapping[str, Any], before: tuple[Turn, ...]) -> bool:
        """Whether an answer was found at `node` or below it."""
        if node.get("deleted") or node.get("review_result") is False:
            self.rejected += 1
            return False
        role, said = ROLES.get(str(node.get("role"))), node.get("text")
        if role not in ("user", "assistant") or not isinstance(said, str):
            raise Refused("a message of a tree without role or text")
        turns = (*before, Turn(role=role, text=said))
        # every reply is followed, so no short cut by `any`
        answered = [self.follow(reply, turns) for reply in node.get("replies") or ()]
        if any(answered):
            return True
        if role == "assistant":
            self.found.append(turns)
            return True
        self.unanswered += 1
        return False


OASST = RowFormat(
    name="oasst",
    about="OpenAssistant message trees, nested or flat",
    columns={"prompt": "the tree of turns"}
    | dict.fromkeys(("message_id", "parent_id", "text", "role"), "one message of a tree")
    | dict.fromkeys(("deleted", "review_result"), "whether the message counts"),
    claims=_claims,
    read=_read,
)
