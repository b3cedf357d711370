"""The web page: chat with sources, a quiz, the report. Gradio draws it; the rules are in `answer`, `quiz` and `desk`.

Whatever comes from documents or a model is shown as text or as Markdown without HTML. Nothing is loaded from elsewhere.
Documents, monitor and review are pages of their own, which stand in tabs here. To add a tab, write its file beside the
others and name it in `build`.
"""
