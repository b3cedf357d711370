r"""Where a text comes to its answer.

What counts, the last one in the text: `\boxed{...}`, `<answer>...</answer>`, `#### ...`, "the answer is ...",
"Answer: ...". Whoever takes something back ("no, wait, it is 20") is held to what comes after.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<(?:final_?)?answer>(?P<inside>.*?)(?:</(?:final_?)?answer>|$)", re.DOTALL | re.IGNORECASE)
_HASHES = re.compile(
    r"(?:^|\s)#{3,4}[ :]*(?:(?:the )?(?:final )?answer(?: is)?[ :]*)?(?P<inside>[^\n#]*)", re.IGNORECASE
)
_SAYS = re.compile(
    r"\b(?:(?:the|my|our|your|so|and|a)\s+)?(?:(?:final|correct|right|best|most likely|most appropriate|overall"
    r"|numerical|required|desired|only|likely|probable)\s+)*"
    r"(?:answer|solution|result|option|choice|response)s?\b(?:\s+(?:to|for|of|in|from|here|then|that)\b[^.:\n=]{0,80}?)?"
    r"\s*(?:,?\s*(?:therefore|thus|then|hence|so|here),?)?\s*"
    r"(?:is|are|was|would be|will be|should be|must be|has to be|equals|becomes|comes to|=|→|->)(?!\w)"
    r"(?:\s+(?:therefore|thus|then|hence|simply|just|indeed|clearly|actually|probably|likely|also|still|now))*\s*[:=]?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:(?<=\n)|^|(?<=[.!?,;({]\s)|(?<=[.!?,;({]))[\s\"'>*#-]*(?:(?:the|my)\s+)?(?:final|correct|short|exact|numerical)?\s*"
    r"(?:answer|ans|solution|result|response|output|option|choice)(?:\s+(?:choice|key|option|letter|here))?\s*[\"']?\s*[:=→]\s*",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"\b(?:no,? wait|wait|hold on|actually|correction|scratch that|i mean(?!s)|i meant|my mistake|i made (?:a|an) \w+"
    r"|oops|on second thought"
    r"|let me (?:re\w+|correct|fix|try again|start over)|(?:i(?: am|'m|’m) )?sorry|i apologi[sz]e"
    r"|i was wrong|that(?:'s|’s| is) (?:wrong|not right|incorrect|a mistake)|strike that)\b"
    r"|(?:^|[.!?;,—–-]\s*)no[,.:—–]\s",
    re.IGNORECASE,
)
_CHECKS = re.compile(
    r"\b(?:let(?:'s|’s| me| us) (?:double[- ]?)?(?:check|verify)|to (?:check|verify)|verification|check:)",
    re.IGNORECASE,
)
_MOST = 16
_DENIED = re.compile(r"\s*(?:definitely |certainly |clearly )?(?:not|n't)\b(?! (?:only|sure))", re.IGNORECASE)


@dataclass(frozen=True)
class Conclusion:
    """Where an answer is announced: what follows, up to the end of the text or of the box."""

    text: str
    is_boxed: bool
    """It stands between marks, so that nothing but the answer is in it."""
    at: int
    is_label: bool = False
    """Announced by "Answer:", behind which the whole working may stand."""


def conclusions(text: str) -> list[Conclusion]:
    """The places where `text` announces its answer, in order; denied ones ("the answer is not 18") are left out.

    At most the last sixteen: a model caught in a loop announces its answer a thousand times.
    """
    found = [Conclusion(inside, True, at) for at, inside in _boxes(text)]
    found += [Conclusion(match["inside"], True, match.start()) for match in _TAG.finditer(text)]
    found += [Conclusion(match["inside"], True, match.start()) for match in _HASHES.finditer(text)]
    found += [Conclusion(text[match.end() :], False, match.start()) for match in _SAYS.finditer(text)]
    found += [Conclusion(text[match.end() :], False, match.start(), True) for match in _LABEL.finditer(text)]
    return sorted((one for one in found if not _DENIED.match(one.text)), key=lambda one: one.at)[-_MOST:]


def taken_back(text: str) -> tuple[str, str] | None:
    """What `text` says before and after it last takes something back; `None` where it never does."""
    found = list(_TAKES_BACK.finditer(text))
    if not found or not text[found[-1].end() :].strip():
        return None
    return text[: found[-1].start()], text[found[-1].end() :]


def before_checking(text: str) -> str:
    """`text` up to where it begins to check what it has found; all of it where nothing comes before."""
    found = _CHECKS.search(text)
    return text[: found.start()] if found and re.search(r"\d", text[: found.start()]) else text


def first_sentence(text: str) -> str:
    """`text` up to its first full stop or line end, decimal points and abbreviated names aside."""
    end = re.search(r"\n|[.!?](?=\s+[A-Z(\"'*]|\s*$)", text.lstrip())
    return text.lstrip()[: end.start()] if end else text.lstrip()


def sentences(text: str) -> list[str]:
    """The sentences and lines of `text`, in order."""
    return [part.strip() for part in re.split(r"\n+|(?<=[.!?])\s+(?=[A-Z(\"'*\d$])", text) if part.strip()]


def _boxes(text: str) -> Iterator[tuple[int, str]]:
    r"""The contents of every `\boxed{...}` or `\fbox{...}`, inner braces included."""
    for match in list(re.finditer(r"\\?(?:boxed|fbox)\s*\{", text))[-_MOST:]:
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield match.start(), text[match.end() : end - 1 if depth == 0 else end]
