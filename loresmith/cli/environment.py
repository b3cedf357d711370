"""What must stand in the environment before anything heavy is imported."""

import os

QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
}
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
# Spinning OpenMP threads starve one another on shared machines: torch was 17 times slower without these.
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}


def prepare(*, needs_hub: bool = False, torch_works: bool = True) -> None:
    """No telemetry, no Hub unless the verb cannot do without it, and threads that wait without spinning.

    A variable that the user has set keeps its value. llama.cpp generates slower with waiting threads (49 to 29
    tokens/s), and runs in a process of its own without these. Verbs that never open torch pass `torch_works=False`.
    """
    wanted = {**QUIET, **({} if needs_hub else OFFLINE), **(PATIENT if torch_works else {})}
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
