"""Whether a question is in the language of its passage, or in the one that the recipe asks for.

Scripts are looked at first (a Han question on a Latin page), then the language that byte n-grams point to (py3langid,
in its wheel, no download). Only a clear case is set aside: a question of names and abbreviations is in no language.

Not covered: languages outside `LANGUAGES`; dialects; whether the language is written well.
"""

import re
from functools import cache
from typing import Any

from loresmith.generate.scripts import scripts_of
from loresmith.recipe.languages import ANY, AS_DOCUMENT, LANGUAGES
from loresmith.records import Chunk, Question

SURE_OF_PASSAGE = 0.9
"""Probability from which a passage is taken to be in a language; tables of figures stay below."""
SURE_OF_QUESTION = 0.3
MOST_OF_OWN = 0.01
"""Together they accuse none of 2,269 English questions, misspelled or not, and find 94% of swapped languages: see
benchmarks/results/languages-2026-11-26.md."""
_NEAR = tuple(map(frozenset, (("da", "no"), ("cs", "sk"), ("hr", "sr"), ("hr", "sl"), ("ru", "uk"))))
"""Too alike to be told apart in ten words."""
_SCRIPTS = {
    **dict.fromkeys(("ar", "fa"), ("Arabic",)),
    **dict.fromkeys(("bg", "ru", "sr", "uk"), ("Cyrillic",)),
    **{"el": ("Greek",), "he": ("Hebrew",), "hi": ("Devanagari",), "ja": ("Han", "Kana"), "ko": ("Han", "Hangul")},
    **{"th": ("Thai",), "zh": ("Han",)},
}
"""Scripts besides Latin, which is everywhere the script of formulas and names."""
_INSTRUCTION = re.compile(r"^[^.?!]*[.?!]\s+(?=\S)")
"""First sentence of a multiple choice: "Choose the right answer.\""""


class LanguageCheck:
    """The check of one round; remembers the language of each passage."""

    def __init__(self, wanted: str) -> None:
        """`wanted`: a code of `LANGUAGES`, or `document` for the language of each passage, or `any` for no check."""
        self._wanted = wanted
        self._spoken: dict[str, str | None] = {}

    def fault(self, question: Question, chunk: Chunk) -> str | None:
        """Why the language of `question` is not the one that it should have."""
        if self._wanted == ANY:
            return None
        text = _INSTRUCTION.sub("", question.question) if question.form == "choice" else question.question
        strange = scripts_of("\n".join((text, *question.options))) - self._scripts(question, chunk)
        if strange:
            return f"{' and '.join(sorted(strange))} script in the question, none in its passage"
        own = self._language(chunk)
        other = None if own is None else other_language(text, own)
        if own is None or other is None:
            return None
        place = "its passage is in" if self._wanted == AS_DOCUMENT else "the recipe asks for"
        return f"question is in {LANGUAGES[other]}, {place} {LANGUAGES[own]}"

    def _language(self, chunk: Chunk) -> str | None:
        """The language that a question about the chunk should have; `None` where nobody can tell."""
        if self._wanted != AS_DOCUMENT:
            return self._wanted
        if chunk.id not in self._spoken:
            self._spoken[chunk.id] = language_of(chunk.text)
        return self._spoken[chunk.id]

    def _scripts(self, question: Question, chunk: Chunk) -> frozenset[str]:
        """The scripts that the question may show."""
        known = (chunk.title, *chunk.headings, chunk.text, *(part.quote for part in question.also))
        return scripts_of("\n".join(known)) | {"Latin", *_SCRIPTS.get(self._wanted, ())}


def language_of(passage: str) -> str | None:
    """The code of the language of `passage`; `None` where it is not clear, or is not in `LANGUAGES`."""
    code, certainty = _identifier().classify(passage)
    return str(code) if code in LANGUAGES and certainty >= SURE_OF_PASSAGE else None


def other_language(question: str, own: str) -> str | None:
    """The language of `question`, if it is clearly another one than `own`."""
    ranked = dict(_identifier().rank(question))
    code = next(iter(ranked))
    is_other = code in LANGUAGES and code != own and {code, own} not in _NEAR
    is_clear = ranked[code] >= SURE_OF_QUESTION and ranked[own] <= MOST_OF_OWN
    return str(code) if is_other and is_clear else None


@cache
def _identifier() -> Any:
    """Reading the model takes 0.7 s, so nobody reads it who does not need it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
