"""How much memory, disk and time a model and its training take, from arithmetic on `config.json` and the recipe.

Pure but for `machine`, which asks the machine, and `source` and `lessons`, which read files. Every formula names where
it comes from; `benchmarks/plan.py` lays the peaks beside measured ones. Not covered: several GPUs, gradient
checkpointing, mixtures of experts.
"""
