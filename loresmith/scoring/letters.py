"""The option that an answer names: "B", "(b)", "Answer: B", "the correct option is B) because ...", "option 2".

Looked for in this order: what is announced as the answer (`conclusion`); a letter at the beginning; the only letter
that is named as an option; the only option whose words are said. An option that is ruled out ("not B") is no answer.

Not covered: several options that are right together; naming two is `SEVERAL`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loresmith.models.squad import normalised
from loresmith.scoring import cleaning, conclusion
from loresmith.scoring.extraction import nothing_said
from loresmith.scoring.reading import EMPTY, NO_OPTION, NONE_OF_THEM, SEVERAL, THINKING, Reading

_NONE = re.compile(
    r"\b(?:none|neither|not any)\b(?: of (?:the |these |those |them)?(?:above|following|options|choices|answers|given"
    r"|others)?)?|\bno (?:correct|right) (?:option|answer|choice)\b",
    re.IGNORECASE,
)
_NAMED = r"(?:options?|choices?|answers?|letters?|endings?|solutions?|alternatives?)"
_PICKS = re.compile(
    r"\b(?:choose|chose|pick|select|go with|going with|opt for|vote for|settle on|believe|think|guess|say)\b"
    r"(?:\s+(?:that|it is|it's|it’s|it'd be|is|the|my))*\s*[:=]?",
    re.IGNORECASE,
)
_OUT_BEFORE = re.compile(
    r"\b(?:not|isn't|rather than|instead of|eliminate|exclude|rule out|unlike|except)\s*(?:option |choice )?[\"'(\[]*$",
    re.I,
)
_OUT_BEHIND = re.compile(
    r"[)\]:\"']*\s*(?:is|was|are|seems|would be|can be|could be)?\s*(?:also\s+)?(?:not\b|n't|incorrect|wrong|false"
    r"|unlikely|ruled out|eliminated|irrelevant|out of)",
    re.IGNORECASE,
)
_RIGHT_BEHIND = re.compile(
    r"[)\].:\"']*\s*(?:is|was|would be|must be|seems|appears to be)\s+(?:(?:the|clearly|therefore|most)\s+)*"
    r"(?:correct|right|best|true|answer|likely)",
    re.IGNORECASE,
)
_ALL_OUT = re.compile(r"\b(?:are|were) (?:both |all |clearly )?(?:not|wrong|incorrect|false|out)\b", re.IGNORECASE)
_ORDINALS = ("first", "1st", "second", "2nd", "third", "3rd", "fourth", "4th", "fifth", "5th")
_PLACED = re.compile(rf"\bthe ({'|'.join(_ORDINALS)}) (?:{_NAMED}|one)\b", re.IGNORECASE)
_NEAR = 48
"""Characters on either side of a label that can say something of it."""
_ANOTHER = (
    r"\s*[)\].\"']*\s*(?:,|/|&|\band/or\b|\bor\b|\band\b|\bas well as\b)\s*(?:also |maybe |perhaps )?"
    r"(?:{named}\s+)?[(\[\"']*"
)


@dataclass(frozen=True)
class _Options:
    """The labels of the options, and their words where they are known."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def are_letters(self) -> bool:
        return all(len(label) == 1 and label.isalpha() for label in self.labels)

    def token(self) -> str:
        """A pattern of one label that stands for itself, in its group `label`; a word in lower case is a word."""
        alternatives = "|".join(re.escape(label) for label in sorted(self.labels, key=len, reverse=True))
        if not self.are_letters:
            return rf"(?<![\w])(?P<label>(?i:{alternatives}))(?![\w])"
        return rf"(?<!\w)(?<!\w['’-])(?P<label>(?i:{alternatives}))(?!\w|['’-]\w)"

    def label_of(self, written: str) -> str:
        return next(label for label in self.labels if label.lower() == written.lower())


def choice(text: str, options: Sequence[str] = (), labels: Sequence[str] = "ABCD") -> Reading[str]:
    """The label of the option that `text` names, or why there is none.

    Args:
        text: What the model wrote.
        options: The options' words, in the order of `labels`; none where they are not known.
        labels: Letters, digits or words (`yes`, `no`); with `options` as many as there are.

    Raises:
        ValueError: there are more options than labels.
    """
    if len(options) > len(labels):
        raise ValueError(f"{len(options)} options with {len(labels)} labels")
    known = _Options(tuple(labels[: len(options)] if options else labels), tuple(options))
    said = cleaning.unmarked(cleaning.plain(text)).strip()
    if (reason := nothing_said(text)) in (EMPTY, THINKING):
        return Reading(reason=reason)
    if found := _read(said, known) or _worded(said, known):
        return found
    if _NONE.search(said):
        return Reading(reason=NONE_OF_THEM)
    return Reading(reason=reason or NO_OPTION)


def _read(said: str, known: _Options) -> Reading[str] | None:
    if (halves := conclusion.taken_back(said)) and (later := _read(halves[1], known)):
        return later
    if exact := _exactly(said, known):
        return exact
    for found in reversed(conclusion.conclusions(said)):
        if read := _beginning(found.text, known, is_announced=True) or _sentence_words(found.text, known):
            return read
    opening = _beginning(said, known, is_announced=False)
    if opening and opening.value:
        return opening
    for pick in reversed(list(_PICKS.finditer(said))):
        if read := _beginning(said[pick.end() :], known, is_announced=True):
            return read
    return opening or _the_only_one(said, known)


def _exactly(said: str, known: _Options) -> Reading[str] | None:
    """The option whose words are all that is said."""
    words = normalised(said)
    same = [
        label for label, text in zip(known.labels, known.texts, strict=False) if words and words == normalised(text)
    ]
    return Reading(same[0]) if len(same) == 1 else None


def _beginning(said: str, known: _Options, *, is_announced: bool) -> Reading[str] | None:
    """The label at the very beginning of `said`, alone."""
    opening = re.compile(
        rf"[\s\"'*:>-]*(?:(?:probably|likely|most likely|clearly|either|both|the|is|be|it is|it's)\s+)*"
        rf"(?:(?:correct |right |best )?(?P<named>{_NAMED})\s*(?:is|number|no\.|:|=)?\s*)?(?P<open>[(\[{{\"'<]*)\s*"
        rf"(?:{known.token()}|(?P<place>[1-9])(?![\d.]\d|\w))",
        re.IGNORECASE,
    )
    match = opening.match(said)
    if match is None:
        return None
    behind = said[match.end() :]
    if match["label"] and _names_another(match["label"], behind, known):
        return None if _ALL_OUT.search(conclusion.first_sentence(behind)) else Reading(reason=SEVERAL)
    label = _label(match, said, known, is_announced=is_announced)
    return None if label is None or _OUT_BEHIND.match(behind) else Reading(label)


def _label(match: re.Match[str], said: str, known: _Options, *, is_announced: bool) -> str | None:
    behind = said[match.end() :]
    if (written := match["label"]) is None:
        # "option 2", "answer3"; a bare digit is a label only where digits are the labels
        place = int(match["place"])
        return known.labels[place - 1] if match["named"] and place <= len(known.labels) else None
    label = known.label_of(written)
    if not known.are_letters:
        return label
    is_closed = bool(re.match(r"\s*(?:[)\].:,;!?\"'}>]|$|\n|-\s|–|—)", behind))
    is_marked = bool(match["open"] or match["named"]) or is_closed
    if written.islower():
        goes_on = re.match(r"\s+(?:is|because|since|as)\b", behind) is not None
        return label if is_closed or (goes_on and (is_announced or match["named"])) else None
    if written in "AI" and not is_marked:  # "A plant needs light", "I think"
        return label if re.match(r"\s+(?:is|because|since|as|and|or|due|would|seems)\b", behind) else None
    return label if is_marked or is_announced or re.match(r"\s+(?:is|because|since|and|or)\b", behind) else None


def _names_another(written: str, behind: str, known: _Options) -> bool:
    """Whether a second, other label follows at once: "A and C"."""
    another = re.match(_ANOTHER.format(named=_NAMED) + known.token(), behind)
    return another is not None and another["label"] != written and another["label"].isupper()


def _the_only_one(said: str, known: _Options) -> Reading[str] | None:
    """The one label that is called right, else the only one that is named as an option."""
    right, named = set(), set()
    for match in re.finditer(known.token(), said):
        before = said[max(0, match.start() - _NEAR) : match.start()]
        behind, written = said[match.end() : match.end() + _NEAR], match["label"]
        label = known.label_of(written)
        if _OUT_BEFORE.search(before) or _OUT_BEHIND.match(behind):
            continue
        if _RIGHT_BEHIND.match(behind) and not (known.are_letters and written.islower()):
            right.add(label)
        if _is_named(before, behind, written, known):
            named.add(label)
    for match in re.finditer(rf"\b{_NAMED}\s*(?:is\s+)?#?(?P<place>[1-9])\b", said, re.IGNORECASE):
        if int(match["place"]) <= len(known.labels) and known.are_letters:
            named.add(known.labels[int(match["place"]) - 1])
    ordinals = _PLACED.findall(said)
    named |= {
        known.labels[place] for name in ordinals if (place := _ORDINALS.index(name.lower()) // 2) < len(known.labels)
    }
    for found in (right, named):
        if len(found) == 1:
            return Reading(found.pop())
    return Reading(reason=SEVERAL) if len(named) > 1 else None


def _is_named(before: str, behind: str, written: str, known: _Options) -> bool:
    if not known.are_letters:
        return True
    if re.search(rf"\b{_NAMED}\s*[(\[\"']*$", before, re.IGNORECASE):
        return True
    if re.search(r"[(\[]$", before) and re.match(r"[)\]]", behind):
        return True
    at_line_start = re.search(r"(?:^|\n)\s*$", before) is not None
    if written.islower():
        return at_line_start and bool(re.match(r"[).:]", behind))
    return bool(re.match(r"\)|[.:](?=\s|$)", behind)) or (written not in "AI" and not known.texts)


def _sentence_words(text: str, known: _Options) -> Reading[str] | None:
    """The only option whose words stand in the sentence that announces the answer, else a label named in it."""
    sentence = conclusion.first_sentence(text)
    return _worded(sentence, known) or _the_only_one(sentence, known)


def _worded(said: str, known: _Options) -> Reading[str] | None:
    """The option whose words are said; where one option holds another's words, the longest."""
    words = f" {normalised(said)} "
    held = {
        label: wording
        for label, text in zip(known.labels, known.texts, strict=False)
        if (wording := normalised(text))
        and f" {wording} " in words
        and not re.search(rf"not {re.escape(wording)} | {re.escape(wording)} is not ", words)
    }
    longest = [
        label
        for label, wording in held.items()
        if not any(wording != other and f" {wording} " in f" {other} " for other in held.values())
    ]
    if len(longest) > 1:
        return Reading(reason=SEVERAL)
    return Reading(longest[0]) if longest else None
