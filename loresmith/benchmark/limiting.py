"""Which questions a limit leaves: the same share of each subject, drawn by a seed."""

from collections.abc import Sequence

import numpy as np

from loresmith.benchmark.items import Item


def limited(items: Sequence[Item], limit: int | None, seed: int) -> list[int]:
    """The places of the questions to ask, in order: `limit` of them at most, every subject in its share.

    Shares are rounded by the largest remainder; each subject keeps one question where the limit has room for it.
    """
    everything = list(range(len(items)))
    if limit is None or limit >= len(items):
        return everything
    by_subject: dict[str, list[int]] = {}
    for place in everything:
        by_subject.setdefault(items[place].subject, []).append(place)
    quotas = _quotas({subject: len(places) for subject, places in by_subject.items()}, limit)
    rng = np.random.default_rng(seed)
    kept = [rng.choice(places, quotas[subject], replace=False).tolist() for subject, places in by_subject.items()]
    return sorted(place for places in kept for place in places)


def _quotas(sizes: dict[str, int], limit: int) -> dict[str, int]:
    """How many of each; the largest lose first what the smallest are given."""
    whole = sum(sizes.values())
    exact = {name: limit * size / whole for name, size in sizes.items()}
    least = 1 if limit >= len(sizes) else 0
    quotas = {name: max(least, int(share)) for name, share in exact.items()}
    by_need = sorted(sizes, key=lambda name: (quotas[name] - exact[name], name))
    while (spare := limit - sum(quotas.values())) > 0:
        for name in by_need[:spare]:
            quotas[name] += 1
    while sum(quotas.values()) > limit:
        richest = max(
            (name for name in quotas if quotas[name] > least),
            key=lambda name: (quotas[name] - exact[name], quotas[name], name),
        )
        quotas[richest] -= 1
    return quotas
