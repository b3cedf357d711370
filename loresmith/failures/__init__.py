"""Where one arm of an examination fails: by document, section, kind and form, by reason, and by what is asked alike.

Pure: grades, questions and lookups in, `Findings` out. The verb and the report read the artifacts and show the same
findings. Not covered: why a model does not know something; single answers that a person would have let pass.
"""
