"""Where every number comes from: stages, hashes, versions."""

from loresmith.report.content import Block, Column, Facts, Section, Table
from loresmith.report.material import Material
from loresmith.report.wording import count, plural, value

SHOWN_HASH = 12


def provenance(material: Material) -> Section:
    """Stages with their hashes; machine and versions; the recipe in force."""
    manifests = {name: parent.manifest for name, parent in material.parents.items()}
    stages = Table(
        caption="Stages",
        columns=(
            Column(name="Stage"),
            Column(name="Content", is_code=True),
            Column(name="Made from"),
            Column(name="Kept", is_number=True),
            Column(name="Dropped", is_number=True),
        ),
        rows=tuple(
            (
                name,
                made.content[:SHOWN_HASH],
                ", ".join(made.parents) or plural(len(made.inputs), "file"),
                count(made.counts["kept"]) if "kept" in made.counts else "–",
                count(made.counts.get("dropped", 0)),
            )
            for name, made in manifests.items()
        ),
    )
    blocks: list[Block] = [stages]
    models = {made.inputs["model"] for made in manifests.values() if "model" in made.inputs}
    if models:
        items = [("Base model", material.recipe.model.base), ("Its hash", ", ".join(sorted(models)))]
        blocks.append(Facts(items=tuple(items)))
    if material.documents:
        blocks.append(
            Table(
                caption="Documents and their sha256",
                columns=(Column(name="Source", is_code=True), Column(name="sha256", is_code=True)),
                rows=tuple((document.source, document.sha256) for document in material.documents),
                folded=True,
            )
        )
    blocks += [_machine(material), _recipe(material)]
    lead = (
        "Every artifact names the content of those that it was made from. The same inputs and settings give the same "
        "content hashes again, on any run."
    )
    return Section(id="provenance", title="Provenance", lead=lead, blocks=tuple(blocks))


def _machine(material: Material) -> Facts:
    machines = dict.fromkeys(parent.manifest.machine for parent in material.parents.values())
    libraries: dict[str, str] = {}
    versions = dict.fromkeys(parent.manifest.version for parent in material.parents.values())
    for parent in material.parents.values():
        libraries.update(parent.manifest.libraries)
    items = [("Loresmith", ", ".join(versions)), ("Machine", "; ".join(machines))]
    items.append(("Libraries", ", ".join(f"{name} {number}" for name, number in sorted(libraries.items()))))
    return Facts(items=tuple(item for item in items if item[1]), timed=True)


def _recipe(material: Material) -> Table:
    rows = []
    for section, settings in material.recipe.model_dump(mode="json").items():
        if isinstance(settings, dict):
            rows += [(f"{section}.{key}", value(given)) for key, given in settings.items()]
        elif settings:
            rows.append((section, value(settings)))
    columns = (Column(name="Setting", is_code=True), Column(name="Value", is_code=True))
    return Table(caption="The recipe in force", columns=columns, rows=tuple(rows), folded=True)
