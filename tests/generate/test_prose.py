from collections.abc import Callable

import pytest

from loresmith.generate.prose import is_sound, items_of, leans_on_others, sentences_of
from loresmith.records import Chunk

TEXT = """## 3.2 Training

**Setup.** The model uses 12 layers and 768 hidden units. This is small.

Table 3: The caption of a table is no statement.

^7 Additionally, we train BERT on
16 TPU chips (Devlin et al., 2019).

- Optimizer: AdamW
- The first item holds a whole sentence about BERT.

```
The code says nothing here.
```

gate
: matrix that decides what passes
{: type="a"}
"""


def test_sentences_stand_verbatim_and_read_plainly(chunk_of: Callable[..., Chunk]) -> None:
    found = list(sentences_of(chunk_of(TEXT)))
    assert all(sentence.quote in TEXT for sentence in found)
    assert [sentence.text for sentence in found] == [
        "The model uses 12 layers and 768 hidden units.",
        "The authors train BERT on 16 TPU chips.",
        "The first item holds a whole sentence about BERT.",
    ]


def test_labelled_lines_and_definition_lists_are_items(chunk_of: Callable[..., Chunk]) -> None:
    items = {item.label: (item.rest, item.defines) for item in items_of(chunk_of(TEXT))}
    assert items["Optimizer"] == ("AdamW", False)
    assert items["gate"] == ("matrix that decides what passes", True)


def test_a_table_chunk_has_no_prose(chunk_of: Callable[..., Chunk]) -> None:
    assert list(sentences_of(chunk_of("The model uses 12 layers in all.", kind="table"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "layers of the network are shared.",
        "The network has many layers",
        "See https://example.org for the code of it.",
        "The loss is = 0.1 in all of the runs.",
        "Ashish Vaswani Noam Shazeer Niki Parmar Jakob Uszkoreit Google Brain.",
        "Too short.",
        "Where x t and y s are vectors of the space.",
        "Introduction to networks . . . . . . . . . 7 and more.",
        "The model (with layers is unbalanced here.",
    ],
)
def test_fragments_formulas_addresses_and_name_lists_are_unsound(text: str) -> None:
    assert not is_sound(text)


@pytest.mark.parametrize(
    "text",
    [
        "This model has 12 layers.",
        "It has 12 layers.",
        "The loss falls as shown in Figure 3.",
        "Thus the loss falls by half.",
    ],
)
def test_sentences_that_lean_on_others_are_known(text: str) -> None:
    assert leans_on_others(text)


def test_a_sentence_with_its_own_subject_stands() -> None:
    text = "The LoRA paper reports that its adapter takes 35 MB."
    assert is_sound(text)
    assert not leans_on_others(text)
