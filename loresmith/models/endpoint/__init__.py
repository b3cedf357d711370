"""A model behind an OpenAI-compatible server: calls side by side, each answer kept before it is used, patience, a budget.

Not covered: batch interfaces with a day's delay, streaming, pictures.
"""
