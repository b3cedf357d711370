"""What a result was made with: the machine, the libraries that are loaded, the memory that was held."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version


def machine() -> str:
    """System, processor and Python in a line."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def libraries() -> dict[str, str]:
    """Versions of what was loaded and can change a result."""
    mattered = ("torch", "transformers", "peft", "tokenizers", "safetensors", "numpy", "faiss-cpu", "gguf", "xllamacpp")
    modules = {name: name.partition("-")[0] for name in (*mattered, "pypdfium2", "lxml")} | {"python-docx": "docx"}
    versions = {}
    for name, module in modules.items():
        if module in sys.modules:
            try:
                versions[name] = version(name)
            except PackageNotFoundError:
                continue
    return versions


def peak_memory_bytes() -> int | None:
    """The most memory that this process held so far; unknown on Windows."""
    try:
        import resource
    except ImportError:  # Windows has no such account
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
