"""The 57 subjects of MMLU (arXiv 2009.03300): their group, and the questions of the official test split."""

STEM, HUMANITIES, SOCIAL, OTHER = GROUPS = ("stem", "humanities", "social_sciences", "other")

SUBJECTS = {
    "abstract_algebra": (STEM, 100),
    "anatomy": (STEM, 135),
    "astronomy": (STEM, 152),
    "business_ethics": (OTHER, 100),
    "clinical_knowledge": (OTHER, 265),
    "college_biology": (STEM, 144),
    "college_chemistry": (STEM, 100),
    "college_computer_science": (STEM, 100),
    "college_mathematics": (STEM, 100),
    "college_medicine": (OTHER, 173),
    "college_physics": (STEM, 102),
    "computer_security": (STEM, 100),
    "conceptual_physics": (STEM, 235),
    "econometrics": (SOCIAL, 114),
    "electrical_engineering": (STEM, 145),
    "elementary_mathematics": (STEM, 378),
    "formal_logic": (HUMANITIES, 126),
    "global_facts": (OTHER, 100),
    "high_school_biology": (STEM, 310),
    "high_school_chemistry": (STEM, 203),
    "high_school_computer_science": (STEM, 100),
    "high_school_european_history": (HUMANITIES, 165),
    "high_school_geography": (SOCIAL, 198),
    "high_school_government_and_politics": (SOCIAL, 193),
    "high_school_macroeconomics": (SOCIAL, 390),
    "high_school_mathematics": (STEM, 270),
    "high_school_microeconomics": (SOCIAL, 238),
    "high_school_physics": (STEM, 151),
    "high_school_psychology": (SOCIAL, 545),
    "high_school_statistics": (STEM, 216),
    "high_school_us_history": (HUMANITIES, 204),
    "high_school_world_history": (HUMANITIES, 237),
    "human_aging": (OTHER, 223),
    "human_sexuality": (SOCIAL, 131),
    "international_law": (HUMANITIES, 121),
    "jurisprudence": (HUMANITIES, 108),
    "logical_fallacies": (HUMANITIES, 163),
    "machine_learning": (STEM, 112),
    "management": (OTHER, 103),
    "marketing": (OTHER, 234),
    "medical_genetics": (OTHER, 100),
    "miscellaneous": (OTHER, 783),
    "moral_disputes": (HUMANITIES, 346),
    "moral_scenarios": (HUMANITIES, 895),
    "nutrition": (OTHER, 306),
    "philosophy": (HUMANITIES, 311),
    "prehistory": (HUMANITIES, 324),
    "professional_accounting": (OTHER, 282),
    "professional_law": (HUMANITIES, 1534),
    "professional_medicine": (OTHER, 272),
    "professional_psychology": (SOCIAL, 612),
    "public_relations": (SOCIAL, 110),
    "security_studies": (SOCIAL, 245),
    "sociology": (SOCIAL, 201),
    "us_foreign_policy": (SOCIAL, 100),
    "virology": (OTHER, 166),
    "world_religions": (HUMANITIES, 171),
}
DEV = 5
"""Worked examples of each subject."""


def subjects_of(name: str) -> tuple[str, ...]:
    """The subjects of a group, or the one subject; empty for an unknown name."""
    if name in GROUPS:
        return tuple(subject for subject, (group, _) in SUBJECTS.items() if group == name)
    return (name,) if name in SUBJECTS else ()
