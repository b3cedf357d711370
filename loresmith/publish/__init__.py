"""A finished expert as others get it: its card, the files of Ollama, and the parcel that goes to the Hub.

Reads the artifacts of one project, takes those that belong to the adapter at hand, and lets nothing out that the exams
do not bear: see `fitness`. Nothing of a document's text gets into a card; names of files are escaped.

Not covered: judging whether the documents allow a publication, legal advice, and `.eval_results/` of the Hub, which
takes scores on registered benchmark datasets only; the exams here are a project's own.
"""
