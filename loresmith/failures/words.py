"""Findings as lines for a terminal."""

from collections.abc import Iterator

from loresmith.characters import one_line
from loresmith.failures.findings import Findings
from loresmith.failures.groups import Group
from loresmith.records import Estimate

LONGEST = 100
"""Characters of a question or an answer on a line."""


def lines(found: Findings) -> Iterator[str]:
    """What is weak and why, for people."""
    yield f"{found.arm}: " + "; ".join(
        f"{exam.exam} {exam.wrong} of {exam.n} wrong {interval(exam.share)}" for exam in found.exams
    )
    yield from _reasons(found)
    yield from _weak(found)
    yield from _clusters(found)


def verdict(found: Findings) -> str:
    """One sentence on what the comparison of groups gives."""
    if not found.compared:
        return "No group is large enough to be compared with the rest."
    looks = f"{found.compared} groups compared, p adjusted by Holm"
    if not found.weak:
        return f"No group is worse than the rest of its exam beyond chance ({looks})."
    return f"{len(found.weak)} of them worse than the rest of their exam beyond chance ({looks})."


def interval(share: Estimate) -> str:
    """`[55, 70]` in percent."""
    return f"[{100 * share.low:.0f}, {100 * share.high:.0f}]"


def named(group: Group) -> str:
    """`recall, document lora.pdf`."""
    return f"{group.exam}, {group.by} {group.name}"


def cut(text: str) -> str:
    """`text` on one line, not too long."""
    line = one_line(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _reasons(found: Findings) -> Iterator[str]:
    for reason in found.reasons:
        failure = found.failure(reason.example)
        yield f"\n{reason.exam}: {reason.reason}: {reason.n}, {100 * reason.share.value:.0f}% {interval(reason.share)}"
        yield f"  e.g. {cut(failure.asked)}"
        yield f"       right: {cut(failure.answer)}   given: {cut(failure.given) or '(nothing)'}"


def _weak(found: Findings) -> Iterator[str]:
    yield f"\n{verdict(found)}"
    for group in found.weak:
        rest = f", the rest {100 * group.rest.value:.0f}%" if group.rest else ""
        few = ", few questions" if group.is_small else ""
        yield (
            f"  weak  {named(group)}: {group.wrong} of {group.n} wrong {interval(group.share)}{rest}, "
            f"p = {group.p_holm:.2g}{few}"
        )
    worst = [group for group in found.groups if not group.is_weak and group.wrong and group.difference is not None]
    worst = [group for group in worst if group.difference is not None and group.difference.value > 0]
    for group in worst[:5]:
        few = ", few questions" if group.is_small else ""
        yield f"  unclear  {named(group)}: {group.wrong} of {group.n} wrong {interval(group.share)}{few}"


def _clusters(found: Findings) -> Iterator[str]:
    if found.clusters:
        yield "\nWrong answers to questions that are alike:"
    for cluster in found.clusters:
        example = found.failure(cluster.example)
        yield (
            f"  {', '.join(cluster.terms) or 'no word in common'}: {cluster.facts} facts of "
            f"{cluster.documents} document{'s' * (cluster.documents != 1)}, {cluster.alike_right} as near are right"
        )
        yield f"    e.g. {cut(example.asked)}"
