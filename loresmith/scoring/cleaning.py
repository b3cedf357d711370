r"""A model's text without what is no part of its answer: thoughts, end marks, questions it went on to ask, markup.

LaTeX becomes the plain text that it would print (`\frac{3}{4}` is `3/4`); `\boxed{...}` and bold stay, since they say
where the answer is. Not covered: LaTeX beyond the commands that surround numbers and letters.
"""

import re

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_THOUGHT_START = re.compile(r"<(?:think|thinking|reasoning)>", re.IGNORECASE)
_END_MARK = re.compile(
    r"</s>|<\|(?:im_end|endoftext|eot_id|end_of_text|end|eos|im_start|user|assistant)\|>|<eos>|<end_of_turn>"
)
_NEXT_QUESTION = re.compile(
    r"\n\s*(?:\*\*|#+ ?)?(?:Question|Q|Problem|Human|User|Student|Instruction|Input)(?: \d+)?(?:\*\*)?:"
    r"|\n#+ ?(?:Instruction|Input)\b"
)
"""A model without a sense of its end writes the next question itself; what follows answers that one."""
_CENTS = re.compile(r"(?<=\d) dollars?,? and (\d{1,2}) cents?\b", re.IGNORECASE)
_CALCULATION = re.compile(r"<<[^<>]*=[^<>]*>>")
_LATEX_WORDS = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|operatorname|mbox|emph|bf|rm)\s*\{([^{}]*)\}")
_FRACTION = re.compile(
    r"(?P<whole>\d)?\s*\\[dtc]?frac\s*(?:\{(?P<a>[^{}]*)\}\s*\{(?P<b>[^{}]*)\}|(?P<c>\d)\s*(?P<d>\d))"
)
_POWER = re.compile(r"\^\s*\{\s*([-+−]?\d+)\s*\}")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:\{,\}|\\,|\\!|\\;|\\:|[\u202f\u2009\u00a0](?=\d{3}))(?=\d)")
_SIGNS = (
    ("\\$", "$"), ("\\%", "%"), ("\\#", "#"), ("\\times", "×"), ("\\cdot", "·"), ("\\div", "÷"), ("\\approx", "≈"),
    ("^\\circ", "°"), ("^{\\circ}", "°"), ("\\degree", "°"), ("\\left", ""), ("\\right", ""), ("\\displaystyle", ""),
    ("\\(", " "), ("\\)", " "), ("\\[", " "), ("\\]", " "), ("$$", " "), ("\\,", " "), ("\\;", " "), ("\\!", ""),
    ("\\:", " "), ("\\quad", " "), ("\\ ", " "), ("~", " "), ("\\\\", "\n"), ("\\_", "_"),
    ("\\pounds", "£"), ("\\euro", "€"),
    ("\u00a0", " "), ("\u202f", " "), ("\u2009", " "), ("−", "-"), ("﹣", "-"), ("－", "-"), ("⁄", "/"),
)  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED = re.compile(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_EMPHASIS = re.compile(
    r"(?<!\d)\*\*|\*\*(?!\d)|(?<!\w)_{1,2}(?=[^\s_])|(?<=[^\s_])_{1,2}(?!\w)|`+|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])"
)


def is_unfinished_thought(text: str) -> bool:
    """Whether `text` opens a thought and never closes it."""
    return _THOUGHT_START.search(_without_thoughts(text)) is not None


def plain(text: str) -> str:
    r"""`text` as a reader would see it, up to where its answer ends; bold marks and `\boxed` are still there."""
    said = _without_thoughts(text).lstrip()
    if (mark := _END_MARK.search(said)) and said[: mark.start()].strip():
        said = said[: mark.start()]
    said = _END_MARK.sub(" ", said)
    if (following := _NEXT_QUESTION.search(said)) and said[: following.start()].strip():
        said = said[: following.start()]
    said = _CENTS.sub(lambda found: f".{int(found[1]):02} dollars", _CALCULATION.sub("", said))
    return _without_latex(said).strip()


def unmarked(text: str) -> str:
    """`text` without Markdown emphasis and code marks."""
    return _EMPHASIS.sub("", text)


def _without_thoughts(text: str) -> str:
    return _THOUGHT_END.sub("", _THOUGHT.sub(" ", text))


def _without_latex(text: str) -> str:
    said = _BETWEEN_DIGITS.sub(lambda found: "," if "," in found[0] and "\\" not in found[0] else "", text)
    for _ in range(2):  # `\frac{\text{a}}{b}`: what is inside goes first
        said = _LATEX_WORDS.sub(r" \1 ", said)
        said = _FRACTION.sub(_as_division, said)
    for written, shown in _SIGNS:
        said = said.replace(written, shown)
    said = _POWER.sub(r"^\1", said)
    return _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), said)


def _as_division(found: re.Match[str]) -> str:
    above, below = (found["a"], found["b"]) if found["a"] is not None else (found["c"], found["d"])
    return f"{found['whole'] + ' ' if found['whole'] else ''}{above.strip()}/{below.strip()}"
