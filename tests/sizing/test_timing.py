from collections.abc import Callable

from loresmith.sizing import timing


def test_each_way_keeps_its_shortest_time_of_as_many_rounds_as_fit() -> None:
    now = 0.0

    def lasting(*seconds: float) -> Callable[[], None]:
        left = list(seconds)

        def way() -> None:
            nonlocal now
            now += left.pop(0)

        return way

    found = timing.shortest([lasting(5, 2, 4), lasting(1, 7, 3)], seconds=16, fewest=1, clock=lambda: now)
    assert found == [2, 1]


def test_there_are_as_many_rounds_as_are_asked_for_however_long_they_take() -> None:
    runs: list[int] = []
    timing.shortest([lambda: runs.append(1), lambda: runs.append(2)], seconds=0, fewest=3)
    assert runs == [1, 2, 1, 2, 1, 2]
