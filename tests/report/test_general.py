"""General ability in the report: what fell stands before the verdict, what is open among the cautions."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from loresmith.artifact import Artifact, Draft
from loresmith.benchmark.floors import Benchmarked, General, concluded
from loresmith.benchmark.results import Compared, Score
from loresmith.compare.contests import general
from loresmith.compare.gate import floors
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.report.compose import compose
from loresmith.report.general import general_ability
from loresmith.report.markdown import written
from loresmith.report.material import Material

Remake = Callable[[str, Callable[[Draft], None]], Artifact]


def benchmarked(before: str, after: str) -> Benchmarked:
    """A benchmark whose questions came out as `1` and `0`."""
    old, new = (
        Results(None, arm, "loresmith", (Sheet("gsm8k", "acc", tuple(marks_of(marks))),))  # type: ignore[arg-type]
        for arm, marks in (("base", before), ("lora", after))
    )
    (rule,) = floors(general([old], [new]), 0.95)
    compared = Compared(
        better="lora", than="base", metric="acc", difference=rule.difference, won=0, lost=0, p=0.0004, visible=0.1
    )
    return Benchmarked(
        task="gsm8k", asked=len(before), limit=200, available=1319, few_shot=5, chat_template=False,
        before=Score(arm="base", metric="acc", subject="", value=rule.before),
        after=Score(arm="lora", metric="acc", subject="", value=rule.after),
        compared=compared, rule=rule, remarks=("gsm8k: 1,319 <b>rows</b>",),
    )  # fmt: skip


def marks_of(marks: str) -> list[Mark]:
    return [Mark(str(place), float(mark)) for place, mark in enumerate(marks)]


@pytest.fixture
def with_general(material: Material, remake: Remake) -> Callable[[str, str], Material]:
    def build(before: str, after: str) -> Material:
        one = benchmarked(before, after)
        outcome, headline = concluded([one], 0.95)

        def fill(draft: Draft) -> None:
            text = General(outcome=outcome, headline=headline, benchmarks=(one,)).model_dump_json()
            (draft.path / "results.json").write_text(text, encoding="utf-8")

        return replace(material, parents={**material.parents, "benchmark": remake("benchmark", fill)})

    return build


def test_a_benchmark_that_fell_stands_before_the_verdict(
    material: Material, with_general: Callable[[str, str], Material]
) -> None:
    fell = with_general("1" * 150 + "0" * 50, "1" * 120 + "0" * 80)
    before, after = compose(material), compose(fell)
    assert after.headline.startswith("Do not ship the adapter: gsm8k fell by 15.0 [")
    assert after.headline.endswith(f"] points, below 95% of 75.0%. {before.headline}")
    section = general_ability(fell)
    assert section is not None
    (row,) = section.blocks[0].rows  # type: ignore[union-attr]
    assert row[0] == "gsm8k (5-shot, acc)"
    assert row[3].startswith("−15.0 [")
    assert row[4:] == ("< 0.001", "200", "fell")
    assert "gsm8k is limited to 200 of 1,319 questions" in written(after)
    assert "General ability was not measured" in written(before)
    assert "General ability was not measured" not in written(after)


def test_what_is_kept_changes_no_verdict_and_what_is_open_is_a_caution(
    material: Material, with_general: Callable[[str, str], Material]
) -> None:
    before, same = compose(material), compose(with_general("1" * 200, "1" * 200))
    assert (same.headline, same.cautions) == (before.headline, before.cautions)
    unproven = compose(with_general("10" * 10, "01" * 10))
    assert unproven.headline == before.headline
    assert unproven.cautions[0] == before.cautions[0]  # that it was a rehearsal
    assert unproven.cautions[1].startswith("General ability is not proven to hold: gsm8k may have fallen below")
