"""docs/guides/curves.md: its examples run, and its table has every curve and how holders are recorded."""

import re
from pathlib import Path

from wallstreetfeds.sim.curves import CURVES

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "curves.md").read_text(encoding="utf-8")


def test_its_examples_run():
    shown = {}
    for block in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL):
        exec(block, shown)
    assert shown["market"].spot_prices().tolist() == [0.5, 0.5]
    assert CURVES["lmsr"] != shown["deep"]


def test_its_table_has_every_curve_as_it_is():
    rows = [re.split(r" ?\| ?", row)[1:-1] for row in re.findall(r"^\| `.*", GUIDE, re.MULTILINE)]
    assert [row[0].strip("`") for row in rows] == list(CURVES)
    for row, curve in zip(rows, CURVES.values(), strict=True):
        assert ("payment" in row[2]) == (curve.record_at == "payment")
        assert ("on chain" in row[3]) == curve.on_chain
        assert ("clock" in row[1] + row[0] or "rho" in row[1]) == curve.clock
