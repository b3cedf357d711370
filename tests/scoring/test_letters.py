"""Letters in the forms in which models name an option, and the words of options."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.scoring import reading
from loresmith.scoring.letters import choice
from loresmith.scoring.reading import Reading

OPTIONS = ("a mineral", "photosynthesis", "the cell wall", "none of the above")
NAMED = [
    ("(A) is wrong and (B) is not right, (C) fits.", "C"),
    ("We can rule out (A) and eliminate (B), which leaves us with (C).", "C"),
    ("B", "B"),
    ("(B)", "B"),
    ("B.", "B"),
    ("Answer: B", "B"),
    ("The correct option is B) because plants...", "B"),
    ("**B**", "B"),
    ("b", "B"),
    ("Option C", "C"),
    ("\\boxed{C}", "C"),
    ("I think A... so the answer is D", "D"),
    ("A", "A"),
    ("a", "A"),
    ("A.", "A"),
    ("(a)", "A"),
    ("a)", "A"),
    ("The answer is A.", "A"),
    ("B) photosynthesis", "B"),
    ("The answer is (C).", "C"),
    ("answer is c", "C"),
    ("The correct answer is option 2", "B"),
    ("the correct answer is answer3", "C"),
    ("Answer: **C. cell wall**", "C"),
    ("\\boxed{\\text{C}}", "C"),
    ("\\boxed{\\text{(C) cell}}", "C"),
    ("C is correct.", "C"),
    ("C, because it is so", "C"),
    ("It's B", "B"),
    ("B is wrong, A is wrong, D is the right one. The answer: D", "D"),
    ("A is incorrect. B is incorrect. C is correct. D is incorrect.", "C"),
    ("#### D", "D"),
    ("<answer>D</answer>", "D"),
    ("Final Answer: (D)", "D"),
    ("The answer is A. Wait, no, it is B.", "B"),
    ("A. No, actually C.", "C"),
    ("I would choose B.", "B"),
    ("I'd go with option D", "D"),
    ('{"answer": "C"}', "C"),
    ("Let's think. (A) is not right since... (B) is not right. The best choice is (D) for it.", "D"),
    ("The correct answer is:\n\nC) cells", "C"),
    ("Therefore, the answer is $\\boxed{B}$.", "B"),
    ("B\n\nExplanation: A is wrong because", "B"),
    ("Answer is B, not C", "B"),
    ("not A but B", "B"),
    ("The answer is not A but C", "C"),
    ("The correct choice is therefore C.", "C"),
    ("D: because", "D"),
    ("[C]", "C"),
    ("Answer - C", "C"),
    ("The best answer is D", "D"),
    ("Correct answer: C", "C"),
    ("answer B", "B"),
    ("<B>", "B"),
    ("The right answer would be C, as it...", "C"),
    ("C</s>", "C"),
    (" C\n\nQuestion: What?\nAnswer: A", "C"),
    ("B. A plant", "B"),
    ("Option (B) is the correct answer.", "B"),
    ("B - photosynthesis", "B"),
    ("The answer is **B**: photosynthesis", "B"),
    ("Of these, A is the best answer.", "A"),
    ("Sure! The answer is B.", "B"),
    ("Answer:\nB", "B"),
    ("Solution: C", "C"),
    ("The answer is B) 5 and C) is wrong", "B"),
    ("The correct answer is (B) photosynthesis.", "B"),
    ("Answer: (B)", "B"),
    ("Answer: B) photosynthesis", "B"),
    ("Answer:B", "B"),
    ("ANSWER: B", "B"),
    ("answer: b", "B"),
    ("The answer is option B.", "B"),
    ("The answer is: B", "B"),
    ("The answer is: **B**", "B"),
    ("**Answer:** B", "B"),
    ("**Answer: B**", "B"),
    ("**B) photosynthesis**", "B"),
    ("### Answer\nB", "B"),
    ("Correct Answer: B. photosynthesis", "B"),
    ("The correct option is: **B. x**", "B"),
    ("B is the correct answer.", "B"),
    ("I believe the correct answer is B.", "B"),
    ("I believe B is correct", "B"),
    ("Option B is correct because A is wrong.", "B"),
    ("(B) is correct. (A) is incorrect because. (C) is incorrect because. (D) is incorrect.", "B"),
    ("Let's analyze:\n\nA. foo\nB. bar\nC. baz\n\nThe answer is C.", "C"),
    ("B\nB\nB", "B"),
    ("My choice is D", "D"),
    ("I choose (D).", "D"),
    ("Choice D", "D"),
    ("choice: D", "D"),
    ("The letter is D", "D"),
    ("Letter D", "D"),
    ("D!", "D"),
    ("'D'", "D"),
    ('"D"', "D"),
    ("`D`", "D"),
    ("D - because it", "D"),
    ("D—because", "D"),
    ("D (cells)", "D"),
    ("D/", "D"),
    ("Ans: D", "D"),
    ("Ans. D", "D"),
    ("So, D.", "D"),
    ("So the answer must be D.", "D"),
    ("Thus D is correct.", "D"),
    ("Hence, option (D) is right.", "D"),
    ("It is D.", "D"),
    ("It would be (C)", "C"),
    ("The most likely answer is A", "A"),
    ("A. Because", "A"),
    ("A) yes", "A"),
    ("A: yes", "A"),
    ("A - yes", "A"),
    ("A because it is", "A"),
    ("A is right", "A"),
    ("Answer: A", "A"),
    ("Answer is A", "A"),
    ("answer a", "A"),
    ("Option a", "A"),
    ("option (a)", "A"),
    ("a. yes", "A"),
    ("The answer is a.", "A"),
    ("The answer is 'a'", "A"),
    ("Either B or C. I'd say B.", "B"),
    ("A and B are both wrong; the answer is C", "C"),
    ("the second option", "B"),
    ("The second one is correct.", "B"),
    ("\\boxed{\\textbf{(D)}\\ 5}", "D"),
    ("$\\boxed{\\mathrm{D}}$", "D"),
    ("\\boxed{D: cells}", "D"),
    ("The answer is $D$.", "D"),
    ("(D", "D"),
    ("D)", "D"),
    ("[[D]]", "D"),
    ("<<D>>", "D"),
    ("{D}", "D"),
    ("Final answer: D</s>", "D"),
    ("<think>A?</think>\n\nD", "D"),
    ("Answer: [D]", "D"),
    ("The right choice here is D", "D"),
    ("Correct option: D", "D"),
    ("Correct choice: (D)", "D"),
    ("Given the evidence, D would be best.", "D"),
    ("The solution is D.", "D"),
    ("I would say the answer is D, since C is not plausible", "D"),
    ("D. Not C", "D"),
    ("Answer: C. not D", "C"),
    ("Answer: Option C", "C"),
    ("Answer: option c", "C"),
    ("The answer is letter C.", "C"),
    ("The answer is choice (C)", "C"),
    ("Answer: The correct option is C", "C"),
    ("A: The answer is C", "C"),
    ("Answer A is wrong. Answer C is right.", "C"),
    ("(C) is the answer. Let me double-check: (A) is not it. (B) is not it.", "C"),
]
UNREAD = [
    ("A and C", reading.SEVERAL),
    ("The answer is a plant.", reading.NO_OPTION),
    ("A plant needs light.", reading.NO_OPTION),
    ("Both A and C are right", reading.SEVERAL),
    ("A or B", reading.SEVERAL),
    ("A, C", reading.SEVERAL),
    ("The answer is A and C.", reading.SEVERAL),
    ("The answer is B or C", reading.SEVERAL),
    ("None of the above", reading.NONE_OF_THEM),
    ("N/A", reading.DECLINED),
    ("", reading.EMPTY),
    ("I don't know", reading.DECLINED),
    ("The answer is E.", reading.NO_OPTION),
    ("I", reading.NO_OPTION),
    ("The correct answers are A and D.", reading.SEVERAL),
    ("A & B", reading.SEVERAL),
    ("A/B", reading.SEVERAL),
    ("A,B", reading.SEVERAL),
    ("not sure", reading.NO_OPTION),
    ("I cannot determine the answer", reading.DECLINED),
    ("None", reading.NONE_OF_THEM),
    ("None of these options are correct.", reading.NONE_OF_THEM),
    ("E", reading.NO_OPTION),
    ("All of the above", reading.NO_OPTION),
    ("5", reading.NO_OPTION),
    ("Dogs are great", reading.NO_OPTION),
    ("Because plants", reading.NO_OPTION),
    ("Carbon", reading.NO_OPTION),
    ("A carbon atom", reading.NO_OPTION),
]
WORDED = [
    ("photosynthesis", "B"),
    ("It is photosynthesis.", "B"),
    ("The answer is the cell wall", "C"),
    ("none of the above", "D"),
    ("The answer is a mineral.", "A"),
    ("Photosynthesis is not it; it is the cell wall", "C"),
    ("A mineral", "A"),
]


@pytest.mark.parametrize(("text", "label"), NAMED)
def test_the_option_that_an_answer_names_is_read(text: str, label: str) -> None:
    assert choice(text) == Reading(label)


@pytest.mark.parametrize(("text", "reason"), UNREAD)
def test_where_no_single_option_is_named_the_reason_is(text: str, reason: str) -> None:
    assert choice(text) == Reading(reason=reason)


@pytest.mark.parametrize(("text", "label"), WORDED)
def test_an_option_is_known_by_its_words(text: str, label: str) -> None:
    assert choice(text, OPTIONS) == Reading(label)


def test_the_words_of_two_options_are_no_answer() -> None:
    assert choice("a mineral or photosynthesis", OPTIONS) == Reading(reason=reading.SEVERAL)


@pytest.mark.parametrize(
    ("text", "labels", "label"),
    [
        ("Yes", ("yes", "no", "maybe"), "yes"),
        ("Yes, because no other study says so.", ("yes", "no", "maybe"), "yes"),
        ("The answer is no.", ("yes", "no", "maybe"), "no"),
        ("maybe", ("yes", "no", "maybe"), "maybe"),
        ("the correct answer is true", ("true", "false"), "true"),
        ("2", "1234", "2"),
        ("(3)", "1234", "3"),
        ("The answer is 4.", "1234", "4"),
        ("answer3", "1234", "3"),
        ("The answer is E.", "ABCDE", "E"),
    ],
)
def test_labels_may_be_words_digits_or_more_letters(text: str, labels: Sequence[str], label: str) -> None:
    assert choice(text, labels=labels) == Reading(label)


def test_more_options_than_labels_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="5 options with 4 labels"):
        choice("B", ("v", "w", "x", "y", "z"))


@given(st.text(alphabet="ABCDab().,:*\\{}[] \nnotorandisthe", max_size=80))
def test_any_text_at_all_gives_an_option_or_a_reason(text: str) -> None:
    read = choice(text, OPTIONS)
    assert (read.value is None) != (read.reason is None)
