"""Every form is one that models were seen or must be expected to write; the expected value is what a person reads."""

import pytest

from loresmith.scoring import reading
from loresmith.scoring.extraction import number

FORMS = [
    ("A: 18", 18),
    ("#### 18", 18),
    ("\\boxed{18}", 18),
    ("the answer is $18.00", 18),
    ("18 dollars", 18),
    ("= 18", 18),
    ("1,319", 1319),
    ("18.", 18),
    ("**18**", 18),
    ("-5", -5),
    ("\\frac{3}{4}", 0.75),
    ("3/4", 0.75),
    ("25%", 25),
    ("1.5e3", 1500),
    ("2 x 10^5", 200000.0),
    ("$2 \\times 10^{5}$", 200000.0),
    ("The answer is 18. No, wait, it is 20.", 20),
    (
        "Janet sells 16 - 3 - 4 = <<16-3-4=9>>9 duck eggs a day.\nShe makes 9 * 2 = $<<9*2=18>>18 every day.\n#### 18",
        18,
    ),
    (
        "Janet eats 3 eggs and bakes with 4, so 16 - 3 - 4 = 9 are left. She makes 9 * $2 = $18 every day.",
        18,
    ),
    ("She has 3 + 5 = 8 apples. The answer is 8 apples.", 8),
    ("Answer: 9 * 2 = 18", 18),
    ("Answer: 18 because 9 * 2 = 18", 18),
    ("A: She has 3 apples and buys 5, so she has 8.", 8),
    ("**Answer: $18**", 18),
    ("### Final Answer\n$$\\boxed{\\$18}$$", 18),
    ("The final answer is: $\\boxed{18}$. I hope it is correct.", 18),
    ("Therefore, Janet makes **$18** every day at the farmers' market.", 18),
    (
        "x = 16 - 7 = 9. 9 * 2 = 18. So the answer is 18.\n\nQuestion: Tom has 5 apples. How many?\nAnswer: 5",
        18,
    ),
    ("<think>maybe 20</think>18", 18),
    ("eighteen", 18),
    ("She has twenty-one apples.", 21),
    ("The answer is one hundred and five.", 105),
    ("1\\frac{1}{2}", 1.5),
    ("1½", 1.5),
    ("½ cup", 0.5),
    ("1 1/2", 1.5),
    ("\\boxed{\\frac{1}{2}}", 0.5),
    ("\\boxed{1{,}319}", 1319),
    ("1\\,319", 1319),
    ("$-18", -18),
    ("-$18", -18),
    ("minus 5 degrees", -5),
    ("The answer is −5.", -5),
    ('{"answer": 18}', 18),
    ('{"answer": "18"}', 18),
    ("<answer>18</answer>", 18),
    ("The answer is not 18 but 20.", 20),
    ("Thus, in 5 days he earns $90.", 90),
    ("Therefore, she earned $90 in 5 days.", 90),
    ("He runs 60*3=180 meters a week, so he runs 180*3=540 meters.", 540),
    ("Total = 5 + 3 = 8 apples", 8),
    ("The total cost is $12 + $6 = $18.", 18),
    (
        "It takes 2/2=<<2/2=1>>1 bolt of white fiber\nSo the total is 2+1=<<2+1=3>>3 bolts of fabric\n#### 3",
        3,
    ),
    ("So she earns 18 dollars. Let me check: 9 * 2 = 18 and 18 / 2 = 9.", 18),
    ("The answer is 3 hours and 20 minutes", 3),
    ("18</s>", 18),
    ("18<|im_end|>\n<|im_start|>user 5", 18),
    ("$70,000", 70000),
    ("Answer:18", 18),
    ("Ans: 18", 18),
    ("answer=18", 18),
    ("The answer is: 18.", 18),
    ("Answer: The price is $12, and tax adds 6, so the total is $18.", 18),
    ("I think the answer is 18, but actually it should be 20.", 20),
    ("The result is 18%.", 18),
    ("£18", 18),
    ("5 million", 5000000.0),
    ("350M", 350000000.0),
    (".5", 0.5),
    ("0.5", 0.5),
    ("The answer is (18).", 18),
    ("x = 18", 18),
    ("\\(x = 18\\)", 18),
    ("The answer is \\(\\dfrac{7}{2}\\).", 3.5),
    ("Step 1: 3 + 4 = 7\nStep 2: 7 * 2 = 14\n", 14),
    ("1. She has 3.\n2. She buys 4.\n3. In total she has 7.", 7),
    ("18 eggs", 18),
    ("**Final Answer:** 18", 18),
    ("**Final Answer:**\n\n18", 18),
    ("The answer is:\n\n18", 18),
    ("Answer:\n\nFirst 3+4=7. Then 7*2=14.", 14),
    ("approximately 3.14", 3.14),
    ("~18", 18),
    ("≈ 18", 18),
    ("18 (eighteen)", 18),
    ("3,5", 3.5),
    ("$18 per day", 18),
    ("100,000,000", 100000000.0),
    ("1e-3", 0.001),
    ("The number is 10^3?", 1000),
]
UNREAD = [
    ("<think>maybe 20", reading.THINKING),
    ("N/A", reading.DECLINED),
    ("", reading.EMPTY),
    ("I don't know.", reading.DECLINED),
    ("The answer cannot be determined.", reading.DECLINED),
    ("18 or 20", reading.SEVERAL),
    ("between 18 and 20", reading.SEVERAL),
    ("The answer is between 18 and 20.", reading.SEVERAL),
    ("GPT-4 has no number", reading.NO_NUMBER),
    ("The ratio is 3:2", reading.NO_NUMBER),
    ("none of the above", reading.DECLINED),
    ("Answer: N/A", reading.DECLINED),
    ("The answer is unknown.", reading.DECLINED),
    ("Sorry, I can't help with that.", reading.DECLINED),
    ("As an AI language model, I cannot answer this question.", reading.DECLINED),
]


@pytest.mark.parametrize(("text", "value"), FORMS)
def test_the_number_that_an_answer_comes_to_is_read(text: str, value: float) -> None:
    read = number(text)
    assert read.reason is None
    assert read.value is not None
    assert read.value.value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("text", "reason"), UNREAD)
def test_where_no_single_number_is_said_the_reason_is_named(text: str, reason: str) -> None:
    assert number(text) == reading.Reading(reason=reason)
