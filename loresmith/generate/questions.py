"""A question as a record: what any teacher asks about a fact carries the fact's evidence with it."""

import hashlib
from collections.abc import Sequence

from loresmith.records import Fact, Form, Question


def question_of(
    fact: Fact, form: Form, wording: int, text: str, *, method: str, options: Sequence[str] = ()
) -> Question:
    """`text` as the `wording`-th question of `form` on `fact`; `method` names the teacher."""
    return Question(
        id=hashlib.sha256(f"{fact.id} {form} {wording}".encode()).hexdigest()[:16],
        fact=fact.id,
        document=fact.document,
        source=fact.source,
        page=fact.page,
        chunk=fact.chunk,
        quote=fact.quote,
        kind=fact.kind,
        form=form,
        wording=wording,
        question=text,
        answer=fact.answer,
        options=tuple(options),
        method=method,
        also=fact.also,
    )
