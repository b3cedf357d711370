from loresmith.serve.chronicle import Stretch, step_of
from loresmith.serve.feedback import Remark, Value
from loresmith.serve.monitor.panels import Panel, panels_of, thumbs


def stretch(refused: int, cited: int, seconds: float) -> Stretch:
    made = Stretch(requests=refused + cited, most_inside=2, turned_away=1)
    made.answers.update({"refused": refused, "cited": cited})
    made.first.update([step_of(seconds)])
    made.requested.update([step_of(seconds)])
    return made


def panel(panels: list[Panel], title: str) -> Panel:
    return next(one for one in panels if one.title.startswith(title))


def test_the_figures_are_those_of_all_stretches() -> None:
    panels = panels_of([(10.0, stretch(1, 3, 0.2)), (20.0, Stretch()), (30.0, stretch(0, 4, 2.0))])
    assert ("two", "refused", "12% of 8") in panel(panels, "Refusals").figures
    assert ("one", "cited", "7") in panel(panels, "Answers").figures
    assert dict(row[1:] for row in panel(panels, "Seconds to").figures)["99th percentile"].startswith("2")
    assert dict(row[1:] for row in panel(panels, "Questions").figures) == {"most at once": "2", "turned away": "2"}


def test_a_server_that_has_just_begun_has_pictures_of_nothing() -> None:
    panels = panels_of([(10.0, Stretch())])
    assert ("two", "refused", "no answer yet") in panel(panels, "Refusals").figures
    assert all("<svg" in one.picture and "NaN" not in one.picture for one in panels)
    assert "<svg" in thumbs({}).picture


def test_thumbs_are_counted_by_day_and_nothing_that_people_wrote_is_in_the_picture() -> None:
    given: list[tuple[Value, str]] = [("up", "2026-01-02"), ("down", "2026-01-02"), ("up", "2026-01-05")]
    said = {
        str(number): Remark(
            answer=str(number), value=value, words="<b>x</b>", question="?", text="t", at=f"{day}T10:00"
        )
        for number, (value, day) in enumerate(given)
    }
    shown = thumbs(said)
    assert shown.figures == (("one", "up", "2"), ("two", "down", "1"))
    assert "2026-01-02 to 2026-01-05" in shown.picture
    assert "<b>" not in shown.picture
