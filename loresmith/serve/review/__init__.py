"""The review page at `/review`: one card a question, its source beside it, and keys for accept, edit and reject.

Text of documents, models and reviewers is escaped by the templates and never markup; the page loads nothing from
elsewhere. It needs JavaScript. Not covered: several reviewers told apart.
"""
