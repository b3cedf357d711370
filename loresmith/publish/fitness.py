"""What speaks against publishing: a model that was not examined, did not help, or a file that is not that model.

A verdict of `lora` or `lora+rag` lets an adapter out. A merged model or a GGUF file also needs the parity exam, which
says that it is the model that was examined; the adapter itself is that model. Either objection can be overruled by its
own flag, and the card then says what was found.
"""

from dataclasses import dataclass

from loresmith.errors import UserError
from loresmith.publish.expert import Expert, What

SHIPPED = ("lora", "lora+rag")
NOT_BETTER, NOT_EQUAL = "--although-not-better", "--although-not-equal"


@dataclass(frozen=True)
class Objection:
    """Why something should not go out."""

    problem: str
    verb: str
    """The verb that may mend it."""
    flag: str
    """The flag that overrules it."""


def objections(expert: Expert, what: What) -> list[Objection]:
    """All that speaks against publishing; empty where nothing does."""
    found = [_not_better(expert)]
    if what != "adapter":
        found.append(_not_equal(expert))
    return [one for one in found if one is not None]


def require_fit(expert: Expert, what: What, *, overruled: tuple[str, ...] = ()) -> None:
    """Nothing, when nothing speaks against publishing but what the flags `overruled` overrule.

    Raises:
        UserError: something does; names the verb that may mend it and the flag.
    """
    for one in objections(expert, what):
        if one.flag not in overruled:
            raise UserError(
                one.problem,
                next_step=f"`loresmith {one.verb} {expert.project.path}`, or publish it all the same with {one.flag}; "
                "the card says so.",
            )


def _not_better(expert: Expert) -> Objection | None:
    exam = expert.material.exam
    if exam is None:
        why = "its exam is of an adapter made before" if "evaluate" in expert.apart else "it was never examined"
        return Objection(f"Nothing says that this model is worth publishing: {why}.", "evaluate", NOT_BETTER)
    if exam.verdict.decision not in SHIPPED:
        return Objection(f"The verdict is not to ship this model: {exam.verdict.headline}", "report", NOT_BETTER)
    return None


def _not_equal(expert: Expert) -> Objection | None:
    parity = expert.material.parity
    if parity is None:
        why = "its parity exam is of another file" if "parity" in expert.apart else "it did not sit the parity exam"
        return Objection(f"Nothing says that this is the model that was examined: {why}.", "export", NOT_EQUAL)
    if not parity.get("passed"):
        reasons = " ".join(map(str, parity.get("reasons", ())))
        return Objection(f"This is not the model that was examined. {reasons}".strip(), "export", NOT_EQUAL)
    return None
