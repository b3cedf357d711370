"""Whether a base model lies on the Hub. Light: the command line asks before anything heavy is imported."""

from pathlib import Path


def is_remote(base: str) -> bool:
    """Whether `base` is a Hub id such as `Qwen/Qwen2.5-3B-Instruct`, and neither `starter` nor something on disk."""
    return base != "starter" and not Path(base).expanduser().exists() and not base.endswith(".gguf")
