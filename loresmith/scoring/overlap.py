"""How much of a long reference an answer says in the same words: ROUGE-L and BLEU by the packages that papers use.

ROUGE-L (Lin 2004) is the F-measure of the longest common subsequence of stemmed words, by `rouge-score`; BLEU is that
of `sacrebleu` (arXiv 1804.08771) with its own tokenizer, 0 to 1 here. Both come with `loresmith[eval]`.

Not covered: other languages than English in ROUGE-L, whose words are runs of a-z and digits.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from loresmith.errors import PackageMissing

EXTRA = "eval"
LONG_WORDS = 10
"""From so many words on a reference is long: equal words are no longer to be expected."""


def has_packages() -> bool:
    """Whether both packages are installed."""
    return find_spec("rouge_score") is not None and find_spec("sacrebleu") is not None


def is_long(reference: str) -> bool:
    """Whether `reference` is a long answer."""
    return len(reference.split()) >= LONG_WORDS


def rouge_l(given: Sequence[str], references: Sequence[str]) -> list[float]:
    """The ROUGE-L F-measure of each answer against its reference, 0 to 1.

    Raises:
        PackageMissing: `rouge-score` is not installed.
        ValueError: not one reference for each answer.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as fault:
        raise PackageMissing("rouge-score", needed_for="ROUGE-L", extra=EXTRA) from fault
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    pairs = zip(given, references, strict=True)
    return [float(scorer.score(reference, answer)["rougeL"].fmeasure) for answer, reference in pairs]


def sentence_bleu(given: Sequence[str], references: Sequence[str]) -> list[float]:
    """The BLEU of each answer against its reference, over the orders that it is long enough for, 0 to 1.

    Raises:
        PackageMissing: `sacrebleu` is not installed.
        ValueError: not one reference for each answer.
    """
    score: Callable[..., object] = _sacrebleu("sentence_bleu")
    pairs = zip(given, references, strict=True)
    return [float(score(answer, [reference]).score) / 100 for answer, reference in pairs]  # type: ignore[attr-defined]


def corpus_bleu(given: Sequence[str], references: Sequence[str]) -> float:
    """The BLEU of all answers together, 0 to 1: what papers report; it is no mean over answers.

    Raises:
        PackageMissing: `sacrebleu` is not installed.
        ValueError: nothing to score, or not one reference for each answer.
    """
    if not given or len(given) != len(references):
        raise ValueError(f"{len(given)} answers with {len(references)} references")
    return float(_sacrebleu("corpus_bleu")(list(given), [list(references)]).score) / 100  # type: ignore[attr-defined]


def _sacrebleu(name: str) -> Callable[..., object]:
    try:
        import sacrebleu
    except ImportError as fault:
        raise PackageMissing("sacrebleu", needed_for="BLEU", extra=EXTRA) from fault
    return getattr(sacrebleu, name)  # type: ignore[no-any-return]
