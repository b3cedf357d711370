import pytest

from loresmith.answer.follow_up import LONGEST, MOST_EARLIER, standing_alone
from loresmith.answer.subjects import MOST_TELLING, subject, telling

WEIGHT = "What does the relief valve weigh?"
ADA = "When was Ada Lovelace born?"


@pytest.mark.parametrize(
    ("earlier", "question", "alone"),
    [
        ([WEIGHT], "At what pressure does it open?", "At what pressure does the relief valve open?"),
        ([WEIGHT], "How many bolts does it have?", "How many bolts does the relief valve have?"),
        ([WEIGHT], "It opens at what pressure?", "The relief valve opens at what pressure?"),
        ([WEIGHT], "What is its colour?", "What is the relief valve's colour?"),
        ([WEIGHT], "And its colour?", "And the relief valve's colour?"),
        ([WEIGHT], "What about CV-2?", "What does CV-2 weigh?"),
        ([WEIGHT], "And the pump?", "What does the pump weigh?"),
        ([WEIGHT], "and for the feed pump?", "What does the feed pump weigh?"),
        ([WEIGHT, "What about CV-2?"], "How long does it last?", "How long does CV-2 last?"),
        ([WEIGHT, "And the pump?"], "And which is heavier?", "the relief valve, the pump: And which is heavier?"),
        ([WEIGHT], "Which is heavier?", "relief valve weigh: Which is heavier?"),
        ([WEIGHT], "Why?", "relief valve weigh: Why?"),
        ([WEIGHT], "How long?", "relief valve weigh: How long?"),
        ([WEIGHT], "How does that work?", "relief valve weigh: How does that work?"),
        ([WEIGHT], "Who makes this valve?", "Who makes the relief valve?"),
        ([WEIGHT], "Who measured this value?", "relief valve weigh: Who measured this value?"),
        ([WEIGHT], "What is the price of this valve?", "What is the price of the relief valve?"),
        ([WEIGHT], "Where is that valve?", "Where is the relief valve?"),
        ([ADA], "Where did she live?", "Where did Ada Lovelace live?"),
        ([ADA], "Who was her mother?", "Who was Ada Lovelace's mother?"),
        (["When did Ada Lovelace publish the notes?"], "In which year?", "Ada Lovelace publish notes: In which year?"),
        (["What are check valves?"], "Do they rust?", "Do check valves rust?"),
        (["What are check valves?"], "What are their parts?", "What are check valves' parts?"),
        (["What is the melting point of iron?"], "What is its density?", "What is iron's density?"),
        (["What does QLoRA store?", "Thanks!"], "How many bits does it need?", "How many bits does QLoRA need?"),
        (["How many people live in Paris?"], "And in London?", "How many people live in London?"),
        ([WEIGHT], "What about the price?", "What is the price of the relief valve?"),
        ([WEIGHT], "How many GPUs does it need?", "How many GPUs does the relief valve need?"),
        ([WEIGHT], "How is it connected to the pump?", "How is the relief valve connected to the pump?"),
        ([WEIGHT], "What's its colour?", "What's the relief valve's colour?"),
        ([WEIGHT, "And the pump?"], "How do they compare?", "How do the relief valve and the pump compare?"),
        ([WEIGHT], "How do they compare?", "relief valve weigh: How do they compare?"),
        ([WEIGHT], "And now?", "relief valve weigh: And now?"),
        ([WEIGHT], "Thanks! What does it cost?", "Thanks! What does the relief valve cost?"),
        ([WEIGHT], "Tell me more.", "relief valve weigh: Tell me more."),
        (["How many bits does NF4 store?"], "What about INT8 then?", "How many bits does INT8 store?"),
        (
            ["What is the capital of France?"],
            "How many people live there?",
            "capital France: How many people live there?",
        ),
        (['What does "double backward" mean?'], "When is it used?", 'When is "double backward" used?'),
    ],
)
def test_a_question_that_leans_is_completed_from_those_before_it(earlier: list[str], question: str, alone: str) -> None:
    assert standing_alone(question, earlier) == alone


@pytest.mark.parametrize(
    "question",
    [
        "What does the pump weigh?",
        "  Which valve opens at 4 bar? ",
        "It is raining: what is that called?",
        "Is it possible to repair CV-2?",
        "How long does it take to change the oil?",
        "How much does it cost to repair a pump?",
        "What does a relief valve do when it opens?",
        "How does the pump change its speed?",
        "Why is QLoRA cheaper, and what does it store?",
        "When it leaks, how long does the pump run?",
        "Which valve is the one that opens first?",
        "Is it true that LoRA freezes the weights?",
        "What is in this manual?",
        "Who discovered penicillin?",
        "Which is heavier, iron or gold?",
        "Why LoRA?",
        "relief valve",
        "RV-7?",
        "What is IT?",
        "What should I do if there is a leak?",
        "Are there two pumps?",
        "Which valves are there?",
        "How is it that pumps rust?",
        "And you?",
        "The feed pump?",
        "People behave in what way to have their issue heard?",
        "What area of Brookhaven is known for its crime?",
        "Which company sold its patents?",
        "Which university has its origins in a school of medicine?",
        "What is it called when a valve leaks?",
        "How was it determined how many would come?",
        "Outside of its use in cars, what is petrol good for?",
        "Patients may have oat specific cells in their blood.",
        "And what does the pump weigh?",
        "What about the noise that a pump makes at night when cold?",
        "Was wiegt das Ventil, und wie lange hält es?",
        "¿Qué he hecho?",
        "水泵有多重?",
        "???",
        "",
        "Thanks!",
        "it " * LONGEST,
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert standing_alone(question, [ADA, WEIGHT]) == question


@pytest.mark.parametrize(
    "question", ["Why?", "What does it weigh?", "And the pump?", "Which is heavier?", "What is that?"]
)
def test_nothing_is_made_of_nothing_before(question: str) -> None:
    assert standing_alone(question, []) == question
    assert standing_alone(question, ["", " ", "?"]) == question


def test_only_the_last_questions_are_read() -> None:
    thanks = ["Thanks!"] * MOST_EARLIER
    assert standing_alone("What does it weigh?", [WEIGHT, *thanks[1:]]) == "What does the relief valve weigh?"
    assert "valve" not in standing_alone("What does it weigh?", [WEIGHT, *thanks])


def test_what_is_put_before_a_question_stays_short() -> None:
    pasted = " ".join(f"word{number}" for number in range(10_000))
    assert len(standing_alone("Why?", [pasted] * 50)) < LONGEST
    assert len(telling(pasted).split()) == MOST_TELLING


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("How does the relief valve protect the pump?", "the relief valve"),
        ("How does QLoRA quantise weights?", "QLoRA"),
        ("When was the pump built?", "the pump"),
        ("What is the mass of the pump?", "the pump"),
        ("What does the RV-7 valve weigh?", "the RV-7 valve"),
        ("Who wrote the notes?", "the notes"),
        ("Why?", None),
    ],
)
def test_the_subject_is_a_name_or_the_phrase_after_the_auxiliary(question: str, about: str | None) -> None:
    assert subject(question) == about
