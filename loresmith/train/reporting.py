"""The log of a course, sent to the trackers that `train.report_to` names, through their own packages.

Whatever a tracker would do by default, here it writes below `tracking/` beside the adapter and talks to no server: W&B
runs offline, MLflow keeps a local database, Trackio and TensorBoard are local anyway. Their own environment variables
(`WANDB_MODE`, `MLFLOW_TRACKING_URI`, `TRACKIO_DIR`) say otherwise. A run that goes on from a checkpoint reports the
steps since that checkpoint a second time.
"""

import importlib
import io
import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from loresmith.errors import PackageMissing

PACKAGES = {"tensorboard": "tensorboard", "wandb": "wandb", "trackio": "trackio", "mlflow": "mlflow"}
FOLDER = "tracking"


class Tracker(Protocol):
    """Takes figures."""

    def log(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Record `figures` of an optimizer step."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...


def require_installed(names: tuple[str, ...]) -> None:
    """Return when every tracker's package is there; asked before anything is loaded.

    Raises:
        PackageMissing: names the first that is not.
    """
    for name in names:
        if find_spec(PACKAGES[name]) is None:
            raise PackageMissing(PACKAGES[name], needed_for=f"train.report_to: {name}", extra=name)


def opened(names: tuple[str, ...], folder: Path, settings: Mapping[str, Any], run: str | None = None) -> list[Tracker]:
    """A tracker for each of `names`, which keep what they write below `folder`; each is told the `settings`.

    `run` tells several runs of one folder apart.
    """
    makers: dict[str, Callable[[Path, Mapping[str, Any], str | None], Tracker]] = {
        "tensorboard": TensorBoard,
        "wandb": WeightsAndBiases,
        "trackio": Trackio,
        "mlflow": MlFlow,
    }
    if names:
        folder.mkdir(parents=True, exist_ok=True)
    return [makers[name](folder, settings, run) for name in names]


class TensorBoard:
    """Event files in `tracking/tensorboard`."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], run: str | None) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder / "tensorboard" / (run or "")))
        self._writer.add_text("settings", "\n".join(f"{name}: {value}  " for name, value in settings.items()))

    def log(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Record the figures of a step."""
        for name, value in figures.items():
            self._writer.add_scalar(f"train/{name}", value, step)

    def close(self) -> None:
        """Write down what is still on its way."""
        self._writer.close()


class WeightsAndBiases:
    """A run in `tracking/wandb`, offline unless `WANDB_MODE` says otherwise."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], run: str | None) -> None:
        os.environ.setdefault("WANDB_MODE", "offline")
        os.environ.setdefault("WANDB_SILENT", "true")
        wandb: Any = importlib.import_module("wandb")
        self._run = wandb.init(project="loresmith", name=run, dir=str(folder), config=dict(settings))

    def log(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Record the figures of a step."""
        self._run.log(dict(figures), step=step)

    def close(self) -> None:
        """Write down what is still on its way."""
        self._run.finish()


class Trackio:
    """A local database in `tracking/trackio`."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], run: str | None) -> None:
        os.environ.setdefault("TRACKIO_DIR", str(folder / "trackio"))
        self._trackio: Any = importlib.import_module("trackio")
        with redirect_stdout(io.StringIO()):  # stdout is for results
            self._trackio.init(project="loresmith", name=run, config=dict(settings))

    def log(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Record the figures of a step."""
        self._trackio.log(dict(figures), step=step)

    def close(self) -> None:
        """Write down what is still on its way."""
        with redirect_stdout(io.StringIO()):
            self._trackio.finish()


class MlFlow:
    """A local database in `tracking/mlflow.db`, unless `MLFLOW_TRACKING_URI` names a server."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], run: str | None) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{(folder / 'mlflow.db').resolve()}")
        self._mlflow: Any = importlib.import_module("mlflow")
        self._mlflow.set_experiment("loresmith")
        self._mlflow.start_run(run_name=run)
        self._mlflow.log_params({name: str(value) for name, value in settings.items()})

    def log(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Record the figures of a step."""
        self._mlflow.log_metrics({name: float(value) for name, value in figures.items()}, step=step)

    def close(self) -> None:
        """Write down what is still on its way."""
        self._mlflow.end_run()
