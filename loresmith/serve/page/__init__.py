"""The web page: chat with sources, a quiz, the report. Gradio draws it; the rules are in `answer`, `quiz` and `desk`.

Whatever comes from documents or a model is shown as text or as Markdown without HTML. Nothing is loaded from elsewhere.
Not covered: uploads, opening a document at its page.
"""
