"""The recipe: what to read, which model to adapt, how to examine it. One file, one source for flags and reference."""

from loresmith.recipe.document import Recipe, load, parse, with_paths
from loresmith.recipe.export import ExportConfig
from loresmith.recipe.gate import GateConfig
from loresmith.recipe.mixing import AdapterConfig, MixSource, ReplayConfig, RowSource
from loresmith.recipe.prepare import PrepareConfig
from loresmith.recipe.rehearsal import rehearsed
from loresmith.recipe.sections import (
    AskConfig,
    AskedBenchmark,
    ChunkConfig,
    DecontaminateConfig,
    EndpointConfig,
    EvaluateConfig,
    ExamineeConfig,
    GenerateConfig,
    IndexConfig,
    IngestConfig,
    JudgeConfig,
    ModelConfig,
    PersonaConfig,
    ReportConfig,
    Section,
    ServeConfig,
    ServerConfig,
    SplitConfig,
)
from loresmith.recipe.training import TrainConfig
from loresmith.recipe.watch import AlertConfig, WatchConfig

__all__ = [
    "AdapterConfig",
    "AlertConfig",
    "AskConfig",
    "AskedBenchmark",
    "ChunkConfig",
    "DecontaminateConfig",
    "EndpointConfig",
    "EvaluateConfig",
    "ExamineeConfig",
    "ExportConfig",
    "GateConfig",
    "GenerateConfig",
    "IndexConfig",
    "IngestConfig",
    "JudgeConfig",
    "MixSource",
    "ModelConfig",
    "PersonaConfig",
    "PrepareConfig",
    "Recipe",
    "ReplayConfig",
    "ReportConfig",
    "RowSource",
    "Section",
    "ServeConfig",
    "ServerConfig",
    "SplitConfig",
    "TrainConfig",
    "WatchConfig",
    "load",
    "parse",
    "rehearsed",
    "with_paths",
]
