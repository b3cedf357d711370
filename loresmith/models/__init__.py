"""Open a model once and speak to it: transformers or GGUF, in the chat template of its own tokenizer.

Not covered: remote code (never run), pickled weights (never read), servers over the network.
"""
