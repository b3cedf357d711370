"""The outcome of a contest in words."""

from collections.abc import Iterator

from loresmith.blind.tally import Agreement, Outcome
from loresmith.records import Estimate


def headline(found: Outcome) -> str:
    """What the raters preferred, if that is beyond chance."""
    if found.preferred == "neither":
        return f"Between {found.a} and {found.b} the votes decide nothing."
    better, worse = (found.b, found.a) if found.preferred == "b" else (found.a, found.b)
    return f"{better} is preferred to {worse}."


def lines(found: Outcome) -> Iterator[str]:
    """The figures, one sentence a line."""
    yield (
        f"{found.b} wins {100 * found.win_rate.value:.1f}% {_interval(found.win_rate)} against {found.a} on "
        f"{found.judged} questions, ties counting half; sign test p = {found.p:.3g} "
        f"({found.won_b} won, {found.won_a} lost)."
    )
    yield (
        f"Votes: {found.wins_b} for {found.b}, {found.wins_a} for {found.a}, {found.ties} ties, {found.bad} both bad; "
        f"{len(found.raters)} rater{'s' * (len(found.raters) != 1)}."
    )
    if found.judged < found.pairs:
        yield f"{found.pairs - found.judged} of {found.pairs} pairs were judged by nobody."
    yield f"Of {found.asked} questions {found.same} were answered in the same words by both, and not shown."
    if found.left is not None and found.left_p is not None:
        seen = "a bias of position" if found.left_p < 0.05 else "no bias of position is seen"
        yield f"The left answer won {100 * found.left.value:.1f}% {_interval(found.left)} of {found.left.n}: {seen}."
    yield _agreed(found.agreement)


def _agreed(agreement: Agreement | None) -> str:
    if agreement is None:
        return "No pair was judged by two raters, so nothing is known of their agreement."
    alike = f"all agreed on {100 * agreement.unanimous.value:.1f}% {_interval(agreement.unanimous)}"
    if agreement.alpha is None:
        return f"{agreement.pairs} pairs had two raters or more: {alike}; every outcome was the same."
    alpha = agreement.alpha
    return (
        f"{agreement.pairs} pairs had two raters or more: {alike}; Krippendorff's alpha {alpha.value:.2f} "
        f"[{alpha.low:.2f}, {alpha.high:.2f}]."
    )


def _interval(share: Estimate) -> str:
    return f"[{100 * share.low:.1f}, {100 * share.high:.1f}]"
