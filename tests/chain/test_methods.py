"""Contract function = SDK method: same name, same argument order; every known reason exists."""

import inspect
import re
from importlib.resources import files

import pytest

import wallstreetfeds.chain as chain
from wallstreetfeds.chain.abi import CONTRACTS, functions
from wallstreetfeds.chain.errors import HINTS

CLASSES = [
    chain.Orchestrator,
    chain.Scenario,
    chain.Challenges,
    chain.ClientToken,
    chain.Pool,
    chain.Numeraire,
]
FUNCTIONS = [
    pytest.param(kind, function, id=f"{kind.__name__}.{name}")
    for kind in CLASSES
    for name, function in functions(kind.ARTIFACT).items()
]


@pytest.mark.parametrize(("kind", "function"), FUNCTIONS)
def test_function_has_a_method_with_its_arguments(kind, function):
    parameters = inspect.signature(getattr(kind, function.name)).parameters.values()
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"]
    assert len(names) == len(function.arguments)
    for have, want in zip(names, function.arguments, strict=True):
        # Getters of mappings have no names in an ABI; `sender` is the SDK's word for who signs.
        assert re.fullmatch(r"arg\d", want) or have == want
    signs = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert signs == ([] if function.view else ["sender"])


def test_every_hint_is_for_a_reason_that_a_contract_gives():
    sources = "".join(
        path.read_text()
        for path in (files("wallstreetfeds") / "contracts").iterdir()
        if path.name.endswith(".vy")
    )
    assert [reason for reason in HINTS if f'"{reason}"' not in sources] == []


def test_the_classes_are_those_of_all_contracts():
    assert {kind.ARTIFACT for kind in CLASSES} == set(CONTRACTS)


def test_public_names_exist():
    assert all(hasattr(chain, name) for name in chain.__all__)
    assert sorted(chain.__all__) == chain.__all__
