"""Numbers in a statement with what they count: "1,319 problems", "350 GB", "91.0%", "a batch size of 32"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from loresmith.generate.verbs import FORMS
from loresmith.generate.wordlists import word_set

_VALUE = re.compile(
    r"(?<![\w.,/^$€£#@(\[−–-])(?P<money>[$€£])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[−-]?\d+)?)"
    r"(?P<tight>%|[KMBT](?![\w-])|x(?![\w-])|×)?(?![\w/^@:\])]|[.,]\d|[-–−]\w)"
    r"(?P<scale> (?:thousand|million|billion|trillion)s?)?"
)
_UNITS = word_set(
    """
    GB MB TB KB GiB MiB KiB bits bytes ms s seconds minutes hours days weeks months years percent points FLOPs
    TFLOPs GFLOPS Hz kHz MHz GHz W kW m km cm mm nm kg g mg tokens/s GPU-hours dollars euros degrees °C
    """
)
_STOPS = word_set(
    """
    of in on at by for from with without to as after before during under over through between among across and
    or but than that which who while when where if because is are was were has have had per each with within
    until via plus respectively only more less fewer times the a an its their this not can will may also now
    then still even just very so too again often already usually
    """
)
_COUNTED = word_set(
    """
    points models functions tests samples records scales states results labels groups changes uses names orders
    places processes products projects ranges ranks steps streams studies supplies targets turns views forms
    drops differences runs sets shifts limits links lists loads maps masks layers languages measures scores
    """
)
_HEDGES = re.compile(
    r"\b(?:more than|less than|fewer than|at least|at most|up to|over|under|below|above|beyond|around)$", re.I
)
_SOFT = re.compile(
    r"(?:^|\s)(?:about|approximately|roughly|nearly|almost|only|just|exactly|a total of|an average of)$", re.I
)
_LABELLED = re.compile(
    r"\b(?:table|figure|fig\.|section|chapter|appendix|equation|eq\.|algorithm|step|stage|phase|version|page|line|no\.|rank|type|layer"
    r"|level|part|volume|vol\.|day|round|case|class|task|group|model|dataset|top|best|of|RFC|ISO|CVE|TLS|v)$",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"[a-z][a-z-]*(?<!s)s$|^(?:people|data|children|women|men|feet)$")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number in a text, `text[start:end]` being the words that the question replaces."""

    start: int
    end: int
    answer: str
    asks: str
    """Question words for it: "how many problems", "how many GB", "what percentage", "what"."""
    unit: str


def measures_in(text: str) -> Iterator[Measure]:
    """The numbers of a plain statement that can be asked for; years, labels, bounds and ranges are left out."""
    for found in _VALUE.finditer(text):
        before = text[: found.start()].rstrip()
        in_a_range = re.search(r"[–−-]$|\bto$|\bbetween(?: \S+ and)?$", before)
        if in_a_range or _HEDGES.search(before) or _is_year(found, before):
            continue
        measure = _measure(text, found)
        if measure is not None:
            hedge = _SOFT.search(before)
            start = hedge.start() if hedge and hedge.start() else (0 if hedge else measure.start)
            yield Measure(
                start + (text[start : start + 1] == " "), measure.end, measure.answer, measure.asks, measure.unit
            )


def unit_after(text: str, answer: str) -> str:
    """What the number `answer` counts in `text`; empty when that is not said."""
    place = text.find(answer)
    if place < 0:
        return ""
    own = re.sub(r"[\d.,\s]", "", answer)
    return own or " ".join(_noun(text[place + len(answer) :])[0].split()[-1:])


def _measure(text: str, found: re.Match[str]) -> Measure | None:
    start, end = found.span()
    behind = text[end:]
    in_a_range = re.match(r"\s*(?:[–−-]|to|±|/|×|x|\+)\s*\d", behind) or re.match(r"\s*[/^(]\s*\w*\d", behind)
    if in_a_range or found["tight"] in ("x", "×"):
        return None
    if found["money"]:
        return Measure(start, end, found[0], "how much money", found["money"])
    if found["tight"] == "%":
        return Measure(start, end, found[0], "what percentage", "%")
    unit = re.match(r" ([^\s,.;:)]+)", behind)
    if unit and (unit[1] == "percent" or unit[1] in _UNITS):
        next_word = re.match(r" ([A-Za-z]\S*)", behind[unit.end() :])
        if next_word and next_word[1].lower() not in _STOPS:
            return None  # "a 24 GB GPU" is a kind of GPU
        asks = "what percentage" if unit[1] == "percent" else f"how many {unit[1]}"
        return Measure(start, end + unit.end(), found[0] + unit[0], asks, unit[1])
    return _counted_or_bare(text[:start].rstrip(), found, behind)


def _counted_or_bare(before: str, found: re.Match[str], behind: str) -> Measure | None:
    """A number with a counted noun behind it, or one that ends its phrase."""
    start, end = found.span()
    noun, width = _noun(behind)
    if re.search(r"(?:^|\s)[A-Z]\S*$", before) and (not noun or noun[0].isupper()):
        return None  # "LLaMA2 7B", "Claude 3 Opus" and "Stage 2" are names
    if noun:
        return Measure(start, end + width, found[0], f"how many {noun}", noun.split()[-1])
    if _LABELLED.search(before) and not before.endswith(" of"):
        return None
    ends_here = not behind.strip() or re.match(r"\s*[,.;]|\s+(?:and|or|on|in|for|with|at|to|after|when|by)\b", behind)
    return Measure(start, end, found[0], "what", "") if ends_here else None


def _noun(behind: str) -> tuple[str, int]:
    """The counted noun with its adjectives, and how many characters it takes; empty when none follows."""
    match = re.match(r"((?: [A-Za-z][A-Za-z-]*){1,5})", behind)
    if match is None:
        return "", 0
    words: list[str] = []
    for word in match[1].split():
        if word.lower() in _STOPS or (word in FORMS and FORMS[word][1] != "base" and word not in _COUNTED):
            break
        words.append(word)
        if _PLURAL.search(word):
            break
    if not words or not _PLURAL.search(words[-1]):
        return "", 0
    noun = " ".join(words)
    return noun, len(noun) + 1


def _is_year(found: re.Match[str], before: str) -> bool:
    plain_year = re.fullmatch(r"(?:1[5-9]|20)\d{2}", found["number"]) and not (found["tight"] or found["scale"])
    in_date = re.search(
        r"\b(?:in|since|until|by|from|during|of|year|January|February|March|April|May|June|July|August"
        r"|September|October|November|December)$",
        before,
    )
    return (bool(plain_year) and bool(in_date)) or bool(
        re.search(
            r"\b(?:January|February|March|April|May|June|July|August"
            r"|September|October|November|December)$",
            before,
        )
    )
