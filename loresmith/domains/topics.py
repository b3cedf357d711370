"""Which field of science a question belongs to, by the words in it.

A coarse measure for the report, which drops nothing: on rows that no word tells it says `other`.
"""

from collections import Counter
from types import MappingProxyType

from loresmith.likeness import words

FIELDS = MappingProxyType(
    {
        "biology": """animal animals bacteria bacterium biology blood body bone bones brain cell cells chromosome
        chromosomes digestion disease diseases dna ecosystem ecosystems egg embryo enzyme enzymes eukaryotes evolution
        fish food fungi gene genes genetic heart hormone hormones human humans immune insect insects kidney leaf leaves
        lungs mammal mammals membrane mitochondria mitosis muscle muscles mutation nerve nervous organism organisms
        ovary photosynthesis plant plants pollen population populations predator protein proteins protist protists
        reproduction reproductive rna seed seeds skin species sperm stomach tissue tissues vertebrates virus viruses
        vitamin vitamins""",
        "chemistry": """acid acids alkali atom atoms atomic base bases bond bonds carbon catalyst chemical chemicals
        chemistry compound compounds covalent electron electrons element elements gas gases halogen helium hydrocarbon
        hydrocarbons hydrogen ion ionic ions isotope isotopes liquid metal metals molecule molecules mole moles neutron
        neutrons nitrogen nucleus oxidation oxygen ph polymer polymers product proton protons reactant reactants
        reaction reactions salt solid solute solution solvent""",
        "physics": """acceleration amplitude circuit circuits current density electric electrical electricity energy
        force forces frequency friction gravity heat inertia kinetic lens lever light machine magnet magnetic mass
        mirror momentum motion newton optics potential power pressure pulley radiation resistance sound speed
        temperature thermal transformer vector velocity vibration voltage wave wavelength waves work""",
        "earth and space": """air asteroid atmosphere climate cloud clouds continent continents crust earth earthquake
        earthquakes erosion fault fossil fossils galaxies galaxy glacier glaciers groundwater hurricane landslide lava
        magma mantle mineral minerals moon ocean oceans orbit planet planets plate plates precipitation river rivers
        rock rocks season seasons sediment sedimentary soil solar star stars storm sun telescope tide tides tornado
        universe volcano volcanoes weather weathering wind""",
    }
)
OF_WORD = {word: field for field, listed in FIELDS.items() for word in listed.split()}


def field_of_science(text: str) -> str:
    """The field with the most words in `text`; the first of the table on a draw, `other` without any."""
    votes = Counter(OF_WORD[word] for word in words(text) if word in OF_WORD)
    if not votes:
        return "other"
    most = max(votes.values())
    return next(field for field in FIELDS if votes[field] == most)
