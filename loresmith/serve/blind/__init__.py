"""The blind comparison at `/blind`: one pair at a time, keys for the vote, and who was who only when all is judged.

Text of documents and models is escaped by the templates and never markup; the page loads nothing from elsewhere and
needs JavaScript to vote. Not covered: proof that a rater is who they say.
"""
