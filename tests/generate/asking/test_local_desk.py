"""The bundled starter answers; it is no teacher, so only the plumbing is asked about."""

from collections.abc import Callable
from pathlib import Path

from loresmith.generate.asking.local_desk import LocalDesk
from loresmith.generate.asking.round_trip import UNASKED, RoundTrip
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.questions import question_of
from loresmith.models import locate
from loresmith.records import Chunk


def test_a_check_of_a_local_model_is_asked_once_and_then_taken_from_the_disk(
    tmp_path: Path, chunk_of: Callable[..., Chunk]
) -> None:
    chunk = chunk_of("The relief valve opens at 4 bar.")
    fact = fact_of(Claim("number", chunk.text, "valve", "4 bar", ()), chunk)
    order = RoundTrip(chunk, (question_of(fact, "short", 0, "When does the relief valve open?", method="local"),))
    with LocalDesk(locate.find("starter"), tmp_path) as desk:
        assert desk.announce([order, order]) == "estimate: 1 calls"
        assert desk.kept_reply(order) is None
        (first, second) = (reply for _, reply in desk.replies([order, order]))
        assert first == second == desk.kept_reply(order)
        assert (desk.account(1)["calls"], desk.account(1)["replayed"]) == (2, 1)
        assert set(order.faults(first)) <= {None, UNASKED, "round trip: another answer"}
    with LocalDesk(locate.find("starter"), tmp_path) as again:
        assert again.announce([order]) == "estimate: 0 calls"
        assert [reply for _, reply in again.replies([order])] == [first]
