"""A linter for the catalog's entries: each complete, its links well-formed, its text plain, its ways in reachable."""

from __future__ import annotations

import ast
import re
import string

import pytest

from archmagic.catalog.entry import KINDS, Entry
from archmagic.catalog.load import Catalog, catalog, fits, glossary
from archmagic.catalog.lookup import entry_of
from archmagic.tables import FOLDER, table_of

ENTRIES = list(catalog().entries())
NAMED = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)

FILLER = re.compile(
    r"\b(very powerful|powerful|state[- ]of[- ]the[- ]art|cutting[- ]edge|simply|basically|essentially|crucial\w*|leverag\w*|seamless\w*|"
    r"robust\w*|novel|elegant\w*|sophisticated|amazing|delve\w*|utili[sz]e\w*|various|in order to|it is important to note|note that|"
    r"plays? a (key|vital|crucial) role|allows? (us|you) to|etc\.?|sort of|quite|really|just)\b",
    re.IGNORECASE,
)
AMERICAN = re.compile(
    r"\b(normaliz\w*|initializ\w*|optimiz\w*|colors?|behaviors?|centers?|centered|quantiz\w*|recogniz\w*|parametriz\w*|neighbors?|"
    r"standardiz\w*|summariz\w*|tokenizer\w*|gray|modeling)\b",
)
"""Prose is British; code and links may be American."""

LINK = re.compile(r"https://[a-z0-9.-]+/[\w./~%#-]+")
MOST_WORDS = 60

CODE = re.compile(r"transformers|torch|\w+[._=]|groups ")
"""How a sentence may begin with a small letter: with a name from code."""


def _prose(entry: Entry) -> list[str]:
    return [entry.title, entry.summary, entry.why, *entry.pitfalls, *entry.settings.values()]


def _british(text: str) -> str:
    """The text without what is code: calls, dotted names, `quoted`, names of settings."""
    return re.sub(r"`[^`]*`|\w+[._(]\S*|\S+=\S+", "", text)


@NAMED
def test_an_entry_says_what_and_why(entry: Entry) -> None:
    assert entry.title and entry.summary and entry.why
    assert entry.kind in KINDS and set(entry.needs) <= set(KINDS)
    assert not entry.title.endswith(".")
    for text in (entry.summary, entry.why, *entry.pitfalls, *entry.settings.values()):
        assert not text[0].islower() or CODE.match(text), text
        assert text.endswith((".", ".)")), text
        assert len(text.split()) <= MOST_WORDS, text


@NAMED
def test_the_prose_is_plain_and_british(entry: Entry) -> None:
    for text in _prose(entry):
        assert not FILLER.search(text), (FILLER.search(text), text)
        assert not AMERICAN.search(_british(text)), (AMERICAN.search(_british(text)), text)
        assert "  " not in text and text == text.strip()


OTHER_SHAPES = {
    "1d": r"\b(images?|volumes?|pixels?|videos?|heights?)\b",
    "2d": r"\b(sequences?|volumes?|videos?)\b",
    "3d": r"\b(images?|sequences?|pixels?)\b",
}
"""What a class of torch for sequences, images or volumes would say of the other two, where a text was taken over as it is."""


@NAMED
def test_a_class_for_one_kind_of_data_does_not_speak_of_another(entry: Entry) -> None:
    words = OTHER_SHAPES.get(entry.name[-2:].lower()) if entry.origin == "torch" else None
    for text in _prose(entry) if words else ():
        assert words and not re.search(words, text.replace("mirror image", "")), text


@NAMED
def test_links_are_well_formed(entry: Entry) -> None:
    assert entry.docs is None or LINK.fullmatch(entry.docs)
    if entry.paper:
        assert LINK.fullmatch(entry.paper[1])
        assert "arxiv.org" not in entry.paper[1] or re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{4,5}", entry.paper[1])


@NAMED
def test_settings_fill_in_the_value_and_nothing_else(entry: Entry) -> None:
    for name, text in entry.settings.items():
        assert [field for _, field, _, _ in string.Formatter().parse(text) if field is not None] == ["value"], (name, text)


@NAMED
def test_every_argument_is_explained_and_every_name_in_a_formula_is_an_argument(entry: Entry) -> None:
    if entry.name == "RNNBase":
        return
    assert set(entry.arguments) <= set(entry.settings)
    expressions = [rule.shape for rule in entry.tensors or ()] + [entry.parameters or "0"]
    used = {node.id for text in expressions for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    known = {*entry.arguments, *entry.defaults, "prod"}
    assert used <= known or entry.name == "MultiheadAttention", used - known


@NAMED
def test_a_class_of_torch_is_told_in_full(entry: Entry) -> None:
    if (
        entry.origin != "torch"
        or not entry.specific
        or not (entry.docs or "").startswith("https://docs.pytorch.org/docs/stable/generated/torch.nn.")
    ):
        return
    assert entry.docs
    holds_others = entry.kind == "container" or entry.name.endswith("Parametrization") or entry.name in ("RNNBase", "RNNCellBase")
    assert holds_others or (entry.formula and entry.inputs and entry.outputs)


@NAMED
def test_every_name_and_pattern_leads_to_its_entry(entry: Entry) -> None:
    for name in entry.names:
        assert entry_of(name).entry is entry
    for pattern in entry.patterns:
        made = [pattern.replace("*", filler) for filler in ("Frobnicator", "Xq", "")]
        foreign = entry_of(pattern, f"library.{pattern}")  # a library's class with the name of one of torch's
        assert any(entry_of(name).entry is entry for name in made) or foreign.entry is entry, pattern
    assert entry.names or entry.patterns or entry.bases or entry is entry_of("Frobnicator").entry


def test_an_entry_that_stands_twice_is_refused() -> None:
    table = {"title": "", "kind": "other", "summary": ""}
    with pytest.raises(ValueError, match="twice"):
        Catalog({"a": {"Linear": table}, "b": {"Linear": table}})


def test_no_class_name_leads_to_two_entries() -> None:
    names = [name for entry in ENTRIES for name in entry.names]
    assert sorted(names) == sorted(set(names))
    patterns = [pattern for entry in ENTRIES for pattern in entry.patterns]
    assert sorted(patterns) == sorted(set(patterns))


def test_the_glossary_explains_each_term_in_plain_words() -> None:
    terms = glossary()
    assert len(terms) > 50
    for term, meaning in terms.items():
        assert meaning.endswith(".") and not FILLER.search(meaning) and not AMERICAN.search(_british(meaning)), term


@pytest.mark.parametrize(
    ("pattern", "fitting", "unfitting"),
    [
        ("*RMSNorm", "LlamaRMSNorm", "RMSNormGated"),
        ("*AdaLN*", "SanaAdaLNZero", "AdaptiveNorm"),
        ("ab*ba", "abba", "aba"),
        ("Linear", "Linear", "MyLinear"),
        ("*a*b*c", "xaxbxc", "xbxaxc"),
    ],
)
def test_patterns_fit_as_file_names_do(pattern: str, fitting: str, unfitting: str) -> None:
    parts = tuple(pattern.split("*"))
    assert fits(parts, fitting) and not fits(parts, unfitting)


def test_no_pattern_hides_behind_one_that_is_asked_first() -> None:
    asked = catalog().patterns
    for at, (pattern, name) in enumerate(asked):
        made = "Frobnicator".join(pattern)
        before = [(other, owner) for other, owner in asked[:at] if owner != name and fits(other, made)]
        assert not before, (pattern, before)


def _code(*folders: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for folder in folders for path in (FOLDER / folder).rglob("*.py"))


def test_every_role_and_sentence_can_be_given() -> None:
    given = _code("story", "facts")
    for role, table in table_of("story/roles").items():
        assert f'"{role}"' in given or role.startswith("latent_"), role  # the latent ones are built of their projections' names
        sentences = {key for key in table if key not in ("title", "kind", "text") and not key.endswith(("_title", "_noun"))}
        assert {sentence for sentence in sentences if f'"{sentence}"' not in given} == set(), role


def test_every_table_of_names_is_asked() -> None:
    asked = _code("facts", "story")
    for table in ("names", "classes", "attributes"):
        for role in table_of("catalog/roles")[table]:
            assert f'"{role}"' in asked, (table, role)


def test_no_family_is_the_same_as_another() -> None:
    families = {name: table for name, table in table_of("catalog/families").items() if name != "words"}
    marks = {name: (frozenset(table["marks"]), frozenset(table.get("defining", ()))) for name, table in families.items()}
    assert len(set(marks.values())) == len(marks)
    for table in families.values():
        assert set(table.get("defining", ())) <= set(table["marks"])


TERMS = (
    "batch", "feature map", "gradient", "residual", "softmax", "sigmoid", "token", "vector", "tensor", "logits", "activation", "pooling",
    "codebook", "spectrogram", "waveform", "segmentation", "latent", "patch", "expert", "router", "adapter", "stride", "padding",
)  # fmt: skip
"""Words that the catalog's prose leans on."""


@pytest.mark.parametrize("term", TERMS)
def test_the_words_that_the_prose_leans_on_are_in_the_glossary(term: str) -> None:
    prose = " ".join(text for entry in ENTRIES for text in _prose(entry))
    assert re.search(rf"\b{term}", prose)
    assert any(known.lower().startswith(term) for known in glossary()), term


def test_a_glossary_term_is_explained_without_itself_and_in_order() -> None:
    terms = [term.lower() for term in glossary()]
    assert terms == sorted(terms)
    for term, meaning in glossary().items():
        assert not meaning.lower().startswith((term.lower(), f"a {term.lower()}")), term
        assert len(meaning.split()) <= 35, term
