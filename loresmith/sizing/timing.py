"""How long something takes at its best, which other work on the machine disturbs least."""

import time
from collections.abc import Callable, Sequence


def shortest(
    ways: Sequence[Callable[[], object]], seconds: float, fewest: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """The shortest time of each way in seconds: of as many rounds as fit into `seconds`, at least `fewest`.

    They are taken in turns, so that what else the machine does hits all alike.
    """
    best = [float("inf")] * len(ways)
    began, rounds = clock(), 0
    while rounds < fewest or clock() - began < seconds:
        rounds += 1
        for number, way in enumerate(ways):
            started = clock()
            way()
            best[number] = min(best[number], clock() - started)
    return best
