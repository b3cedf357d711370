import click
import pytest
from click.testing import CliRunner

from loresmith.cli.options import options_from, overridden
from loresmith.errors import RecipeError
from loresmith.recipe import EndpointConfig, EvaluateConfig, GenerateConfig, Recipe, TrainConfig


def flags_of(section: type) -> dict[str, click.Option]:
    @click.command()
    @options_from(section)
    def command(**given: object) -> None: ...

    return {parameter.name or "": parameter for parameter in command.params if isinstance(parameter, click.Option)}


def test_every_key_has_a_flag_whose_help_is_its_docstring() -> None:
    flags = flags_of(TrainConfig)
    assert flags.keys() == TrainConfig.model_fields.keys()
    assert "LoRA rank (arXiv 2106.09685). [default: 16]" in (flags["r"].help or "")


def test_a_literal_becomes_a_choice_a_tuple_may_be_repeated_and_a_bool_is_a_switch() -> None:
    train, evaluate = flags_of(TrainConfig), flags_of(EvaluateConfig)
    assert isinstance(train["method"].type, click.Choice)
    assert evaluate["arms"].multiple
    assert train["target_modules"].multiple
    assert train["packing"].secondary_opts == ["--no-packing"]


def test_what_is_given_replaces_what_the_recipe_says_and_nothing_else() -> None:
    recipe = Recipe(name="x", train={"r": 4, "learning_rate": 0.5})  # type: ignore[arg-type]
    given = {"r": 8, "learning_rate": None, "target_modules": ("q_proj",), "packing": False}
    assert overridden(recipe, "train", given).train == TrainConfig(
        r=8, learning_rate=0.5, target_modules=("q_proj",), packing=False
    )


def test_a_key_of_an_inner_section_has_a_flag_and_changes_that_key_alone() -> None:
    flags = flags_of(GenerateConfig)
    assert flags["endpoint__base_url"].opts == ["--endpoint-base-url"]
    assert "endpoint" not in flags
    recipe = Recipe(name="x", generate=GenerateConfig(wordings=3, endpoint=EndpointConfig(retries=2)))
    given = {"endpoint__concurrency": 5, "endpoint__seed": None}
    assert overridden(recipe, "generate", given).generate == GenerateConfig(
        wordings=3, endpoint=EndpointConfig(retries=2, concurrency=5)
    )


def test_an_impossible_value_is_an_error_of_the_recipe() -> None:
    with pytest.raises(RecipeError, match="r: Input should be greater"):
        overridden(Recipe(name="x"), "train", {"r": 0})


def test_a_flag_of_the_wrong_type_is_refused_before_any_work() -> None:
    @click.command()
    @options_from(TrainConfig)
    def command(**given: object) -> None: ...

    result = CliRunner().invoke(command, ["--r", "many"])
    assert result.exit_code == 2
    assert "'many' is not a valid integer" in result.output


def test_processes_are_a_number_or_auto_and_nothing_else() -> None:
    for given, expected in (("2", 2), ("auto", "auto")):
        assert overridden(Recipe(name="x"), "train", {"processes": given}).train.processes == expected
    for given in ("0", "-1", "many"):
        with pytest.raises(RecipeError, match="processes"):
            overridden(Recipe(name="x"), "train", {"processes": given})
