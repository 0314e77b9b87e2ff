"""Records and the contracts' events are the same thing, field by field."""

import dataclasses

import pytest

from wallstreetfeds.chain.abi import CONTRACTS
from wallstreetfeds.chain.artifacts import artifact
from wallstreetfeds.records import EVENTS, Record

WHERE = {field.name for field in dataclasses.fields(Record)}
PYTHON = {
    "address": "str",
    "bool": "bool",
    "bytes32": "bytes",
    "uint256": "int",
    "uint256[]": "tuple[int, ...]",
    "uint256[8]": "tuple[int, ...]",
}
EVENT_ABIS = [
    pytest.param(entry, id=f"{contract}.{entry['name']}")
    for contract in CONTRACTS
    for entry in artifact(contract).abi
    if entry["type"] == "event"
]


@pytest.mark.parametrize("event", EVENT_ABIS)
def test_event_has_a_record_with_its_fields_and_types(event):
    record = EVENTS[event["name"]]
    fields = {f.name: f.type for f in dataclasses.fields(record) if f.name not in WHERE}
    assert fields == {item["name"]: PYTHON[item["type"]] for item in event["inputs"]}


def test_no_record_without_an_event():
    logged = {param.values[0]["name"] for param in EVENT_ABIS}
    assert set(EVENTS) == logged


@pytest.mark.parametrize("record", EVENTS.values())
def test_records_are_frozen_and_slotted(record):
    assert record.__dataclass_params__.frozen
    assert "__slots__" in record.__dict__
