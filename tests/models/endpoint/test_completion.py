import json

import pytest

from loresmith.models.endpoint.completion import said


def test_what_a_model_said_is_its_text() -> None:
    assert said(json.dumps({"choices": [{"message": {"content": "No \ud83d facts."}}]})) == "No \ufffd facts."


@pytest.mark.parametrize(
    "body", ["<html>not today</html>", '{"choices": []}', '{"choices": [{"message": null}]}', "[" * 9]
)
def test_what_is_no_completion_is_shown_as_it_came(body: str) -> None:
    assert said(body) == body
