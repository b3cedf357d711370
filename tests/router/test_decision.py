import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loresmith.errors import ArtifactCorrupt, ArtifactMissing
from loresmith.recipe.experts import RouterConfig
from loresmith.router.decision import Router, open_router
from loresmith.router.fitting import NEVER, Labelled, fit
from tests.router.roster import KEYWORDS

SIDES = ("left", "right")
FAR = np.array([[np.cos(-2.2), np.sin(-2.2), 0.0]])
"""Beyond all of the left."""


def around(angle: float, count: int, spread: float, seed: int) -> NDArray[np.float64]:
    angles = angle + spread * np.random.default_rng(seed).normal(size=count)
    return np.column_stack([np.cos(angles), np.sin(angles), np.zeros(count)])


def two_sides(seed: int, spread: float = 0.5, count: int = 200) -> Labelled:
    """Points of two arcs that overlap where they meet."""
    rows = np.vstack([around(0.0, count, spread, seed), around(1.6, count, spread, seed + 1)])
    return Labelled(rows, np.repeat([0, 1], count))


def routed(router: Router, vectors: NDArray[np.float64]) -> list[str | None]:
    return [route.expert for route in router.decided(["?"] * len(vectors), vectors)]


def test_about_the_wished_share_of_unseen_questions_is_left_to_the_base() -> None:
    made = fit(two_sides(1), two_sides(3), SIDES, RouterConfig(abstention=0.2, far=0.05))
    unseen = two_sides(5, count=2000)
    left = np.mean([expert is None for expert in routed(made.router(), unseen.vectors)])
    assert left == pytest.approx(0.2, abs=0.06)
    calibrating = np.mean([expert is None for expert in routed(made.router(), two_sides(3).vectors)])
    assert 0.15 < calibrating <= 0.2


def test_those_that_are_sent_are_right_more_often_the_more_may_be_left() -> None:
    unseen, shares = two_sides(5, count=2000), []
    for abstention in (0.0, 0.2, 0.4):
        made = fit(two_sides(1), two_sides(3), SIDES, RouterConfig(abstention=abstention, far=0.0))
        sent = [(e, k) for e, k in zip(routed(made.router(), unseen.vectors), unseen.labels, strict=True) if e]
        shares.append(np.mean([expert == SIDES[label] for expert, label in sent]))
    assert shares[0] < shares[1] < shares[2]


def test_with_a_wished_error_the_errors_among_those_sent_are_about_as_few() -> None:
    made = fit(two_sides(1), two_sides(3), SIDES, RouterConfig(error=0.02, far=0.0))
    unseen = two_sides(5, count=2000)
    sent = [(e, k) for e, k in zip(routed(made.router(), unseen.vectors), unseen.labels, strict=True) if e]
    assert np.mean([expert != SIDES[label] for expert, label in sent]) < 0.035
    assert len(sent) > 2000


def test_an_error_that_so_few_questions_cannot_promise_sends_nobody() -> None:
    made = fit(two_sides(1), two_sides(3, count=20), SIDES, RouterConfig(error=0.001))
    assert made.facts.least_probability == NEVER
    assert set(routed(made.router(), two_sides(5).vectors)) == {None}


def test_what_lies_far_from_everything_is_sent_to_nobody_however_sure_the_classifier_is() -> None:
    router = fit(two_sides(1), two_sides(3), SIDES, RouterConfig()).router()
    route = router.decided(["?"], FAR)[0]
    assert (route.expert, route.why) == (None, "far")
    assert router.decided(["?"], np.array([[1.0, 0.0, 0.0]]))[0].why == "probability"
    assert route.probability > 0.9


def test_probabilities_of_unseen_questions_come_true() -> None:
    router = fit(two_sides(1), two_sides(3), SIDES, RouterConfig()).router()
    unseen = two_sides(5, count=4000)
    shares = router.probabilities(unseen.vectors)
    claimed, right = shares.max(axis=1), shares.argmax(axis=1) == unseen.labels
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        inside = (claimed >= low) & (claimed < high)
        assert right[inside].mean() == pytest.approx(claimed[inside].mean(), abs=0.06)


def test_a_keyword_decides_against_the_classifier_and_says_so() -> None:
    made = fit(two_sides(1), two_sides(3), SIDES, RouterConfig())
    router = Router(made.facts, made.linear, made.known, {"right": ["keel"], "gone": ["x"]})
    left = np.array([[1.0, 0.0, 0.0]])
    for vectors in (left, FAR):
        route = router.decided(["Where is the keel?"], vectors)[0]
        assert (route.expert, route.why, route.keyword, route.likeliest) == ("right", "keyword", "keel", "left")
    assert router.decided(["What about x?"], left)[0].why == "probability"


@pytest.mark.parametrize(
    ("question", "expert", "why"),
    [
        ("How long does the pie stay in the oven?", "kitchen", "probability"),
        ("Which mooring line holds the yacht?", "harbour", "probability"),
        ("Who won the election in Bolivia?", None, "far"),
        ("Who took the starboard seat in Bolivia?", "harbour", "keyword"),
    ],
)
def test_real_questions_go_where_they_belong(town: Path, question: str, expert: str | None, why: str) -> None:
    route = open_router(town.parent / "router", KEYWORDS).decide(question)
    assert (route.expert, route.why) == (expert, why)


def test_a_router_that_was_never_trained_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="loresmith router train"):
        open_router(tmp_path / "router")


def test_damaged_facts_are_an_error_not_a_wrong_route(town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "router"
    shutil.copytree(town.parent / "router", folder)
    (folder / "router.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtifactCorrupt):
        open_router(folder)
