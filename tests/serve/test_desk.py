import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from loresmith.serve.desk import Desk, Limits, OutOfTime, Told
from loresmith.serve.line import Busy, Closing
from tests.serve.librarian import Librarian


def ended(check: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(check(), 20))


def test_the_pieces_come_in_order_and_the_whole_comes_last_with_its_cost(librarian: Librarian) -> None:
    async def check() -> None:
        *pieces, told = [piece async for piece in Desk(librarian).stream("What does LoRA train?")]
        assert pieces == ["Two ", "small ", "matrices ", "[1]."]
        assert isinstance(told, Told)
        assert (told.prompt_tokens, told.completion_tokens) == (4, 4)

    ended(check)


def test_the_event_loop_stays_free_while_an_answer_is_written(librarian: Librarian) -> None:
    async def check() -> None:
        librarian.pause.clear()
        asking = asyncio.create_task(Desk(librarian).ask("Why?"))
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert not asking.done()
        librarian.pause.set()
        assert (await asking).answer.text == "Two small matrices [1]."

    ended(check)


def test_answers_never_overlap_and_one_too_many_is_turned_away(librarian: Librarian) -> None:
    async def check() -> None:
        desk = Desk(librarian, Limits(waiting=2))
        librarian.pause.clear()
        asked = [asyncio.create_task(desk.ask(str(number))) for number in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(Busy):
            desk.stream("one too many")
        librarian.pause.set()
        assert [told.answer.question for told in await asyncio.gather(*asked)] == ["0", "1", "2"]
        assert librarian.most_at_once == 1

    ended(check)


def test_cancelling_an_answer_stops_the_writing_and_closes_the_model_s_stream(librarian: Librarian) -> None:
    async def check() -> None:
        desk = Desk(librarian)
        librarian.pause.clear()
        asking = asyncio.create_task(desk.ask("Why?"))
        while not librarian.asked:
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.sleep(0.01)
        librarian.pause.set()
        while desk.inside:
            await asyncio.sleep(0.01)
        assert (librarian.words_written, librarian.streams_closed) == (1, 1)

    ended(check)


def test_out_of_time_the_writing_stops_by_itself_and_is_counted(librarian: Librarian) -> None:
    async def check() -> None:
        desk = Desk(librarian, Limits(timeout_seconds=0.1))
        librarian.pause.clear()
        reply = desk.stream("Why?")
        with pytest.raises(OutOfTime, match=r"longer than 0\.1 seconds"):
            assert [piece async for piece in reply] == []
        librarian.pause.set()
        while desk.inside:
            await asyncio.sleep(0.01)
        assert librarian.words_written <= 1
        assert 'loresmith_turned_away_total{reason="timeout"} 1.0' in desk.meter.text().decode()

    ended(check)


def test_a_reply_that_nobody_reads_to_its_end_still_frees_the_place(librarian: Librarian) -> None:
    async def check() -> None:
        desk = Desk(librarian)
        async for _ in desk.stream("Why?"):
            break
        while desk.inside:
            await asyncio.sleep(0.01)
        assert (await desk.ask("Again?")).answer.question == "Again?"

    ended(check)


def test_who_still_waits_when_the_desk_closes_is_told_so(librarian: Librarian) -> None:
    async def check() -> None:
        desk = Desk(librarian)
        librarian.pause.clear()
        first, second = asyncio.create_task(desk.ask("1")), asyncio.create_task(desk.ask("2"))
        while not librarian.asked:
            await asyncio.sleep(0.01)
        closing = asyncio.create_task(asyncio.to_thread(desk.close))
        with pytest.raises(Closing):
            await second
        librarian.pause.set()
        assert (await first).answer.question == "1"
        await closing
        assert librarian.is_closed

    ended(check)
