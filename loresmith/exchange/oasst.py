"""OpenAssistant trees, nested as exported or flat as on the Hub (one row per message, with `parent_id`).

Every way from the first question down to an answer is a conversation. What review rejected or authors deleted is cut
off with all below it, and a question at the end that nobody answered is left out; both are counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loresmith.exchange.dialogue import Dropped, Refused, Said, Turn
from loresmith.exchange.files import Row
from loresmith.exchange.row_format import Content, RowFormat
from loresmith.exchange.turns import ROLES

UNANSWERED = "a question at the end of a thread has no answer and is left out"
REJECTED = "a message that was deleted or failed review is left out, with the replies to it"
REPEATED = "a message with the message_id of an earlier one"
CIRCLE = "a message whose parents lead back to themselves and to no first question"


def is_message(content: Content) -> bool:
    """Whether a row is one message of a flat tree; a first question may come without `parent_id`."""
    return {"message_id", "text", "role"} <= content.keys()


def trees(messages: Iterable[Row]) -> tuple[list[dict[str, Any]], list[Dropped]]:
    """Flat messages as trees, in the order of their first questions, and the messages that are in none.

    What hangs on a message that is not there is a tree of its own.
    """
    nodes: dict[str, dict[str, Any]] = {}
    places: dict[str, str] = {}
    dropped = []
    for row in messages:
        name = str(row.content["message_id"])
        if name in nodes:
            dropped.append(Dropped(place=row.place, reason=REPEATED))
            continue
        nodes[name], places[name] = {**row.content, "replies": []}, row.place
    roots: list[dict[str, Any]] = []
    for node in nodes.values():
        above = node.get("parent_id")
        parent = None if above in (None, "") else nodes.get(str(above))
        siblings = roots if parent is None else parent["replies"]
        siblings.append(node)
    reached, ahead = set(), [*roots]
    while ahead:
        node = ahead.pop()
        reached.add(str(node["message_id"]))
        ahead.extend(node["replies"])
    dropped += [Dropped(place=place, reason=CIRCLE) for name, place in places.items() if name not in reached]
    grown = [{"message_tree_id": root.get("message_tree_id") or root["message_id"], "prompt": root} for root in roots]
    return grown, dropped


def _claims(content: Content) -> bool:
    is_tree = "message_tree_id" in content and isinstance(content.get("prompt"), Mapping)
    return is_tree or (is_message(content) and "parent_id" in content)


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
        replies = node.get("replies") or []
        if not isinstance(replies, list) or not all(isinstance(reply, Mapping) for reply in replies):
            raise Refused("a tree whose replies are no list of messages")
        # every reply is followed, so no short cut by `any`
        answered = [self.follow(reply, turns) for reply in replies]
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
