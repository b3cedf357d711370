"""How the server fares since its start, and what people said of its answers: `/monitor`, in pictures of our own.

A part that somebody else keeps, such as what a watch found, is a `Panel` and goes below the server's own.
"""
