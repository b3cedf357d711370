"""A model behind an OpenAI-compatible server: calls side by side, answers kept before they are used, a budget.

Not covered: batch interfaces with a day's delay, streaming, pictures.
"""
