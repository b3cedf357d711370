"""Writing to the Hugging Face Hub: where to, what, and how one commit gets there without sending anything twice.

Neutral: it knows files and repositories, not datasets, models or projects. Not covered: reading from the Hub (that is
`models.hub`), deleting, and pull requests.
"""
