"""The verbs that state facts, with their forms: enough to turn a statement into a question.

A closed list: what is not in it is not asked about, which costs facts and saves nonsense.
"""

from typing import Literal

from loresmith.generate.wordlists import word_list, word_set

Tense = Literal["base", "present", "past"]

_REGULAR = word_list(
    """
    absorb accept account achieve activate adapt add address adjust adopt allow allocate apply approximate
    assign assume attain average beat belong calculate cause change combine compare compress compute conclude
    connect consume contain contribute control convert cost cover create decode decrease define deliver demand
    demonstrate depend deploy describe design develop differ discover display distribute divide double drop earn
    employ enable encode encourage end enhance equal estimate evaluate exceed exhibit expand express extend
    factor feature filter flow form freeze function generate govern group handle help host identify implement
    improve include increase indicate inherit initialize insert introduce invent involve join keep label lack
    last launch limit link list live load lower maintain map mark mask match measure merge minimize mix model
    move multiply name need normalize obtain occupy occur offer omit open operate optimize order outperform own
    pack pass perform place point predict prefer prepare present preserve prevent process produce project
    promote propose protect prove provide prune publish pull push quantize raise range rank reach receive
    recommend record reduce regulate refer relate release rely remain remove replace report represent require reserve
    rest restrict result retain return reveal reward round sample save scale score select separate serve share
    shift shrink simulate size skip slow solve sort span specify split stabilize stack start state stop store
    stream study suffer supply support surpass sustain swap synthesize target tend test total train transfer
    transform translate transport treat trigger turn update use utilise utilize validate vary verify visit wait
    weigh work wrap yield
    """
)

_IRREGULAR = {
    "be": ("is", "was"), "have": ("has", "had"), "do": ("does", "did"), "begin": ("begins", "began"),
    "bring": ("brings", "brought"), "build": ("builds", "built"), "choose": ("chooses", "chose"),
    "come": ("comes", "came"), "draw": ("draws", "drew"), "drive": ("drives", "drove"), "fall": ("falls", "fell"),
    "find": ("finds", "found"), "freeze": ("freezes", "froze"), "get": ("gets", "got"), "give": ("gives", "gave"),
    "go": ("goes", "went"), "grow": ("grows", "grew"), "hold": ("holds", "held"), "keep": ("keeps", "kept"),
    "lead": ("leads", "led"), "lose": ("loses", "lost"), "make": ("makes", "made"), "mean": ("means", "meant"),
    "run": ("runs", "ran"), "rise": ("rises", "rose"), "show": ("shows", "showed"), "spend": ("spends", "spent"),
    "spread": ("spreads", "spread"), "stand": ("stands", "stood"), "take": ("takes", "took"),
    "teach": ("teaches", "taught"), "tell": ("tells", "told"), "win": ("wins", "won"), "write": ("writes", "wrote"),
    "read": ("reads", "read"), "set": ("sets", "set"), "put": ("puts", "put"), "cut": ("cuts", "cut"),
    "split": ("splits", "split"), "cost": ("costs", "cost"), "lie": ("lies", "lay"), "meet": ("meets", "met"),
    "send": ("sends", "sent"), "sell": ("sells", "sold"), "leave": ("leaves", "left"), "say": ("says", "said"),
    "see": ("sees", "saw"), "feed": ("feeds", "fed"), "break": ("breaks", "broke"), "eat": ("eats", "ate"),
    "bind": ("binds", "bound"), "sit": ("sits", "sat"), "let": ("lets", "let"), "learn": ("learns", "learned"),
}  # fmt: skip

_IRREGULAR_PARTICIPLES = word_set(
    """
    been made found given taken shown known built written drawn driven chosen held kept led lost run set put cut
    split spent spread taught told understood brought begun become broken done frozen grown hidden seen sent
    sold thought won worn met fed bound read
    """
)
AUXILIARIES = word_set("is are was were has have had can could will would may might must should does do did")


def _third_person(base: str) -> str:
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return base + "es"
    return base[:-1] + "ies" if base.endswith("y") and base[-2] not in "aeiou" else base + "s"


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    doubled = {"drop", "stop", "map", "skip", "swap", "wrap", "transfer", "occur", "omit", "prefer", "control", "refer"}
    return base + base[-1] + "ed" if base in doubled else base + "ed"


def _forms() -> dict[str, tuple[str, Tense]]:
    forms: dict[str, tuple[str, Tense]] = {}
    for base in _REGULAR:
        if base not in _IRREGULAR:
            forms.setdefault(base, (base, "base"))
            forms[_third_person(base)] = (base, "present")
            forms[_past(base)] = (base, "past")
    for base, (present, past) in _IRREGULAR.items():
        forms.setdefault(base, (base, "base"))
        forms[present] = (base, "present")
        if past != base:
            forms[past] = (base, "past")
    return forms


FORMS = _forms()


def is_participle(word: str) -> bool:
    """Whether `word` can follow a form of "be" in a passive."""
    small = word.lower()
    return small in _IRREGULAR_PARTICIPLES or (small.endswith("ed") and len(small) > 4)
