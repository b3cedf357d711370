"""The sources by domain: where they are, what they may be used for, and how they are read.

`written` keeps what guides to fine-tuning say where that does not hold, so that nobody looks for it again. Licences are
those of the dataset cards; whether they suit a purpose is for the reader to judge.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from loresmith.domains.conversations import conversations, own_rows
from loresmith.domains.cve import cve_questions
from loresmith.domains.gsm8k import gsm8k
from loresmith.domains.hub import HubDataset
from loresmith.domains.medmcqa import medmcqa
from loresmith.domains.multiple_choice import arc, sciq
from loresmith.domains.question import Found, FromRows, each
from loresmith.domains.squad import squad
from loresmith.domains.timeline_questions import timeline_questions
from loresmith.domains.write_ups import section_questions

REPLAY = "replay"
"""The domain of general conversations, which keep a model from forgetting them."""


@dataclass(frozen=True)
class Source:
    """One place that questions come from; `rows` or `cve` or `files` reads it."""

    name: str
    domain: str
    about: str
    license: str = "unknown"
    """As the Hub spells it."""
    hub: HubDataset | None = None
    """`None` where only a local copy is read."""
    rows: FromRows | None = None
    """For rows with splits, of the Hub or of files."""
    records: Callable[[Path, int, int], Iterator[Found]] | None = None
    """For folders of many records; takes the most files to read, and a seed."""
    files: Callable[[Path], Iterator[Found]] | None = None
    """For documents and timelines, which have no splits."""
    share: int = 1
    """Weight among the sources of its domain."""
    is_default: bool = False
    """Whether it is taken from the Hub when no source of its domain is named."""
    keeps_documents: bool = False
    """Whether its documents go along, for `loresmith run`."""
    written: str = ""
    """What guides write of it that does not hold."""


def _own(domain: str, about: str, written: str = "") -> Source:
    return Source(f"{domain}-rows", domain, about, rows=own_rows, written=written)


def _documents(name: str, domain: str, about: str, written: str = "") -> Source:
    return Source(name, domain, about, files=section_questions, keeps_documents=True, written=written)


_ALL = (
    Source(
        "sciq", "biology", "science exam questions with a supporting paragraph", "cc-by-nc-3.0",
        HubDataset("allenai/sciq"), each(sciq), share=3, is_default=True,
        written="13,679 questions; 11,679 of them are for training, and physics and chemistry are among them",
    ),
    Source(
        "medmcqa", "biology", "medical entrance questions in anatomy, biochemistry, microbiology, physiology",
        "apache-2.0", HubDataset("openlifescienceai/medmcqa"), medmcqa, is_default=True,
        written="“medical QA datasets (filtered for biology)” names none",
    ),
    _own("biology", "your own questions, in any format that is read", "“Biology QA datasets” names none"),
    _documents("biology-documents", "biology", "Markdown documents"),
    Source(
        "squad", "history", "questions on the paragraphs of articles about history", "cc-by-sa-4.0",
        HubDataset("rajpurkar/squad", "plain_text"), each(squad), is_default=True,
        written="“HistoryQA datasets” names none; articles whose title says history or war stand in for them",
    ),
    Source("timeline", "history", "timelines in Markdown, text or CSV", files=timeline_questions),
    _own("history", "your own questions, in any format that is read"),
    _documents("encyclopedia", "history", "Markdown articles on events"),
    Source(
        "cwe", "security", "descriptions of vulnerabilities and the weaknesses they show", "cc-by-4.0",
        HubDataset("exploitintel/cve-cwe-consensus"), conversations, is_default=True,
        written="no dataset is named; this one makes `--domain security` work without a copy of the CVE list",
    ),
    Source(
        "cve", "security", "records of the CVE list, JSON 5 (github.com/CVEProject/cvelistV5)",
        "other", records=cve_questions,  # the CVE Program's terms of use
        written="descriptions alone; product, weakness, severity and date are in the records too",
    ),
    _documents("ctf", "security", "CTF write-ups and security notes in Markdown"),
    _own("security", "certification practice questions, or any rows that are read"),
    Source(
        "gsm8k", "math", "word problems with worked answers", "mit", HubDataset("openai/gsm8k", "main"), each(gsm8k),
        is_default=True,
    ),
    _own("math", "your own rows, in any format that is read"),
    Source(
        "arc", "reasoning", "grade-school science questions that are hard to look up", "cc-by-sa-4.0",
        HubDataset("allenai/ai2_arc", "ARC-Challenge"), each(arc), is_default=True,
        written="`load_dataset('ai2_arc', 'long')`, and that it is about AI: the configurations are ARC-Challenge and "
        "ARC-Easy, and the questions are on science",
    ),
    Source(
        "arc-easy", "reasoning", "grade-school science questions", "cc-by-sa-4.0",
        HubDataset("allenai/ai2_arc", "ARC-Easy"), each(arc),
    ),
    _own("reasoning", "your own rows, in any format that is read"),
    Source(
        "dolly", REPLAY, "instructions written by Databricks' staff", "cc-by-sa-3.0",
        HubDataset("databricks/databricks-dolly-15k"), conversations, is_default=True,
    ),
    Source(
        "oasst", REPLAY, "OpenAssistant conversations", "apache-2.0", HubDataset("OpenAssistant/oasst1"), conversations,
    ),
    Source(
        "alpaca", REPLAY, "instructions answered by a model", "cc-by-nc-4.0", HubDataset("tatsu-lab/alpaca"),
        conversations,
    ),
    Source(
        "finetome", REPLAY, "conversations made by models, chosen by a score", "mit",
        HubDataset("mlabonne/FineTome-100k"), conversations,
    ),
    _own(REPLAY, "your own conversations, in any format that is read"),
)  # fmt: skip

SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in _ALL})
DOMAINS = tuple(dict.fromkeys(source.domain for source in _ALL if source.domain != REPLAY))
MIXABLE = (*DOMAINS, REPLAY)

EXAM_ONLY: Mapping[str, str] = MappingProxyType(
    {
        "mmlu": "its subjects have no training split; `auxiliary_train` is ARC, RACE and others without subjects",
        "cybermetric": "it has no training split",
        "cti-bench": "it has no training split",
        "truthfulqa": "it has no training split",
        "xquad": "its questions are from SQuAD's development split",
    }
)
"""Benchmarks that are for exams alone, and why; `--from` refuses them by these names."""
