"""The technical report, in the order in which people write it by hand, from the run's own files."""

from collections import Counter
from typing import Any

from loresmith.report import long_answers, modelfacts
from loresmith.report.content import Block, Column, Facts, Points, Prose, Section, Table
from loresmith.report.material import Material
from loresmith.report.reasons import Setting, reason
from loresmith.report.wording import count, millions, percent, plural, points, points_interval, size, tally, value
from loresmith.statistics import FEWEST_CLUSTERS, FEWEST_RESAMPLED

READERS = {
    "pdf": "text and tables are taken from the page itself, with reading order, headings and page marks",
    "docx": "paragraphs, headings and tables are taken from the file's own structure",
    "html": "text, headings and tables are taken from the markup; scripts and navigation are left out",
    "markdown": "taken as it is",
    "text": "taken as it is",
}
HIDDEN = ("trainer",)
LOADERS = {"gguf": "a GGUF file", "hub": "the Hugging Face Hub", "folder": "a local folder", "starter": "this package"}

LONG_MEASURED = (
    "Long answers (a sentence or a paragraph) are written greedily and compared with their reference: ROUGE-L (the "
    "F-measure of rouge-score, with stemming), sentence BLEU and corpus BLEU (sacrebleu) and token F1, as means with "
    "95% intervals from resampling source documents. They are neither right nor wrong."
)
GENERAL_OPEN = "General ability was not measured by a public benchmark; a fine-tuned model may have lost some of it."
GENERAL_MEASURED = (
    "General ability was measured by the public benchmarks above alone; what they do not ask may have been lost."
)


def technical(material: Material) -> tuple[Section, ...]:
    """All chapters that the artifacts at hand can fill."""
    chapters = [
        _model(material),
        _data(material),
        _tokenisation(material),
        _training(material),
        _quantisation(material),
        _retrieval(material),
        _metrics(material),
        _limits(material),
    ]
    return tuple(chapter for chapter in chapters if chapter is not None)


def _model(material: Material) -> Section:
    source, recipe = material.model, material.recipe
    blocks: list[Block] = [Facts(items=modelfacts.model_facts(source, recipe))]
    origin = LOADERS[source.kind] if source else "a place that is gone since"
    text = (
        f"The base model is {recipe.model.base}, opened from {origin}. It answers in the chat template of its own "
        "tokenizer; only weights in safetensors are read and no code from a model's repository is run."
    )
    if recipe.model.base == "starter":
        text += (
            " The starter is a small model that comes with Loresmith, so that the whole journey can be rehearsed "
            "without a network. It is no chatbot; figures of a rehearsal say that the machinery works and what the "
            "documents yield, not how well a larger model will do."
        )
    blocks.append(Prose(text=text))
    if material.settings.aside:
        blocks.append(Prose(text="This run was a rehearsal. The recipe also asks for:", tone="note"))
        blocks.append(Points(items=material.settings.aside))
    return Section(id="model-choice", title="Model choice", blocks=tuple(blocks))


def _data(material: Material) -> Section | None:
    if not material.documents:
        return None
    formats = Counter(document.format for document in material.documents)
    recipe, notes = material.recipe, material.notes("generate")
    items = [
        f"{plural(number, 'document')} as {name}: {READERS.get(name, 'read')}." for name, number in formats.items()
    ]
    if "chunk" in material.parents:
        items.append(
            f"Cut into {count(material.counts('chunk').get('kept', 0))} passages of at most {count(recipe.chunk.size)} "
            "characters at headings, paragraphs and table rows; a table keeps its header. Every passage knows its "
            "document, page and characters."
        )
    if notes:
        items.append(
            f"From these the {recipe.generate.teacher} teacher took {count(notes.get('facts', 0))} facts "
            f"({tally(notes.get('kinds', {}))}), each with the exact words that say it, and asked "
            f"{count(notes.get('questions', 0))} questions in up to {recipe.generate.wordings} wordings a fact "
            f"({tally(notes.get('forms', {}))})."
        )
        items.append(
            "A question is kept only if its quote stands in its document, the numbers of the answer stand in the "
            "quote, it makes sense alone, it is no duplicate and does not give its answer away."
        )
    if "split" in material.parents:
        items.append(
            "Divided by fact, never by row: no wording, near copy "
            f"(similarity of {recipe.split.near_duplicate:g} or more) or run of {recipe.split.ngram} words is shared "
            "by training and exams; a leak would have stopped the run."
        )
    return Section(id="data", title="Data and preprocessing", blocks=(Points(items=tuple(items)),))


def _tokenisation(material: Material) -> Section:
    config = material.recipe.train
    facts = modelfacts.tokenizer_facts(material.model)
    text = (
        "Text becomes tokens through the base model's own tokenizer, and a conversation through its own chat template, "
        "so that training, exam and chat send the same ids. Nothing is truncated: a conversation of more than "
        f"{count(config.max_length)} tokens is left out and counted. "
    )
    text += (
        "Rows are filled with whole conversations that cannot see one another, so there is next to no padding."
        if config.packing
        else "Conversations do not share rows; where a trainer pads them, padding carries no loss."
    )
    text += " Loss falls on the answer and the token that ends it, not on the question."
    blocks: list[Block] = [Facts(items=facts)] if facts else []
    return Section(id="tokenisation", title="Tokenisation", blocks=(*blocks, Prose(text=text)))


def _training(material: Material) -> Section | None:
    if "train" not in material.parents:
        return None
    notes = material.notes("train")
    train = material.recipe.train.model_dump(mode="json")
    parameters = modelfacts.parameters(modelfacts.configuration(material.model))
    setting = Setting(train, parameters, notes.get("conversations"), notes.get("trained_numbers"))
    rows = tuple((name, value(given), reason(name, setting)) for name, given in train.items() if name not in HIDDEN)
    columns = (Column(name="Hyperparameter", is_code=True), Column(name="Value", is_code=True), Column(name="Reason"))
    lead = ""
    if notes.get("trained_numbers"):
        lead = f"{millions(notes['trained_numbers'])} numbers were trained"
        lead += (
            f", {percent(notes['trained_numbers'] / parameters)} of the base model's {millions(parameters)}."
            if parameters
            else "."
        )
    table = Table(caption="Hyperparameters and why", columns=columns, rows=rows)
    return Section(id="hyperparameters", title="Training", lead=lead, blocks=(table,))


def _quantisation(material: Material) -> Section | None:
    if "export" not in material.parents:
        return None
    manifest, config = material.parents["export"].manifest, material.recipe.export
    notes = manifest.notes
    whole = manifest.files.get("model.gguf", (0, ""))[0]
    words = {
        "q4_k_m": "most tensors in 4-bit blocks with their own scales, the sensitive ones in 6 bits",
        "q5_k_m": "most tensors in 5-bit blocks with their own scales, the sensitive ones in 6 bits",
        "q6_k": "6 bits per weight, in blocks of 16 with scales of their own",
        "q8_0": "8 bits per weight, in blocks of 32 with a scale each",
        "q4_0": "4 bits per weight, in blocks of 32 with a scale each, the head in 6 bits",
        "f16": "16 bits per weight, which is not quantised",
        "bf16": "16 bits per weight with the range of 32, which is not quantised",
    }[config.quantization]
    text = (
        f"{_summed(notes)} in "
        f"{value(notes.get('merged_precision', '16 bit'))}, and written as {config.quantization}: {words}."
    )
    if whole:
        text += f" The file has {size(whole)}"
        text += _bits(material, notes)
        text += ", with tokenizer, chat template and stop token inside."
    text += (
        " Fewer bits mean less memory and a faster answer where memory is the limit, at the price of small errors in "
        "every weight. What that price was is measured, not assumed: the file sat the exam beside the merged model "
        "(see “The file that ships”)."
        if material.parity
        else " What the price in accuracy was, this run did not measure."
    )
    return Section(id="quantisation", title="Quantisation", blocks=(Prose(text=text),))


def _summed(notes: dict[str, Any]) -> str:
    """What stands before quantisation."""
    if notes.get("all_weights_trained"):
        return "Every weight was trained, so nothing is merged: the weights are taken"
    base = notes.get("merged_into", "the base")
    return f"The adapter is added to {base}: the sum is taken"


def _bits(material: Material, notes: dict[str, Any]) -> str:
    """The bytes of the weights, and what that is per weight."""
    if not notes.get("weight_bytes"):
        return ""
    parameters = modelfacts.parameters(modelfacts.configuration(material.model))
    each = f", {8 * notes['weight_bytes'] / parameters:.2f} bits each" if parameters else ""
    return f", of which {size(notes['weight_bytes'])} are weights{each}"


def _retrieval(material: Material) -> Section | None:
    if "index" not in material.parents:
        return None
    notes, recipe = material.notes("index"), material.recipe
    vectors = (
        f"{count(notes['vectors'])} vectors of {notes.get('dimensions', '?')} dimensions"
        if "vectors" in notes
        else "vectors"
    )
    text = (
        f"Passages are found by meaning and by words: {vectors} from the {recipe.index.embedder} embedder, searched by "
        f"{recipe.index.store}, and full-text search with BM25 in SQLite. The two rankings are fused by reciprocal "
        f"rank with a weight of {recipe.index.dense_weight:g} on meaning. The best {recipe.ask.passages} passages, at "
        f"most {count(recipe.ask.source_tokens)} tokens, stand before the question."
    )
    return Section(id="retrieval-setup", title="Retrieval", blocks=(Prose(text=text),))


def _metrics(material: Material) -> Section:
    by_letter = material.recipe.evaluate.choice_scoring == "letter"
    choice = (
        "the letter to which the model gives the highest probability, with the options shown"
        if by_letter
        else "the option whose words are likeliest as the answer, per character, without the options being shown"
    )
    items = [
        "Accuracy: the share of questions answered correctly, with its Wilson 95% interval, which counts answers "
        "about one document as fewer where they go together.",
        "Short answers are written greedily and correct if they match the expected one exactly after SQuAD v1.1 "
        "normalisation (case, punctuation, articles, spaces) and say the same numbers; where a date, a number or a "
        "quantity is expected, also if they say it in other words or in another unit.",
        "Exact: the share of short answers that match the expected words.",
        "Token F1: the harmonic mean of precision and recall over the words of a short answer.",
        *([LONG_MEASURED] if material.exam and material.exam.long else []),
        *([material.exam.judge.words] if material.exam and material.exam.judge else []),
        f"Multiple choice: {choice}.",
        "An answer that cannot be read (empty, declined, several answers at once, cut off by the token limit) counts "
        "as wrong and is counted apart.",
        "Differences between arms are paired on the same questions: bootstrap over source documents "
        f"({count(material.recipe.evaluate.bootstrap_samples)} resamples; Student's t over documents where there are "
        f"fewer than {FEWEST_RESAMPLED}, over facts where there are fewer than {FEWEST_CLUSTERS}), and the exact "
        "McNemar test with Holm's correction.",
        "A difference is called clear when its interval excludes zero and the adjusted p is below 0.05.",
        "Retrieval: the share of questions whose own passage is found (hit@k), the mean of 1 / its rank "
        "(MRR), and nDCG over all passages that the question rests on.",
    ]
    blocks: list[Block] = [Points(items=tuple(items))]
    if material.exam:
        told = [
            f"{pair.exam.capitalize()}, {pair.name.replace(' - ', ' − ')}: {points(pair.difference.value)} points "
            f"{points_interval(pair.difference)}, n = {count(pair.difference.n)}."
            for pair in material.exam.pairs
            if pair.form == "all" and pair.than == "base"
        ]
        told += [long_answers.told(pair) for pair in material.exam.long_pairs if pair.than == "base"]
        blocks += [Prose(text="Found in this run:"), Points(items=tuple(told))]
    return Section(id="metrics", title="Evaluation metrics", blocks=tuple(blocks))


def _limits(material: Material) -> Section:
    items = [
        "The exams ask what the documents say, not whether the documents are right.",
        "Questions of the rule teacher ask for stated facts; they say little about explaining, comparing or reasoning.",
        "A name or a phrase in other words counts as wrong, in every arm alike; only dates and quantities are read.",
        GENERAL_MEASURED if material.benchmarks or "benchmark" in material.parents else GENERAL_OPEN,
    ]
    if material.exam and material.exam.long:
        items.append(long_answers.IS_NOT)
    if material.exam:
        visible = [pair.visible for pair in material.exam.pairs if pair.form == "all" and pair.than == "base"]
        if visible:
            items.append(f"Differences below {100 * max(visible):.0f} points may be missed by an exam of this size.")
    if material.settings.rehearsed:
        items.append(
            "A rehearsal with the starter model: repeat it with the model that the recipe names before you ship."
        )
    return Section(id="limits", title="Limits", blocks=(Points(items=tuple(items)),))
