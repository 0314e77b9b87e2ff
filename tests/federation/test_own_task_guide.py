"""The guide to own tasks is run as it stands: every block of Python, in order."""

import re
from pathlib import Path

import numpy as np
import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "own-task.md"


def test_the_guide_works_as_written(capsys):
    names = {}
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.S)
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), names)
    reports, ledger, split = names["reports"], names["ledger"], names["split"]
    assert "round 3:" in capsys.readouterr().out
    assert list(ledger.paid) == [1, 2, 3]
    assert split.qualities[0] == "noisy-labels"
    shares = np.mean([report.score_shares for report in reports], axis=0)
    assert shares[0] < shares[1:].min()
    before, after = reports[0].utility_before, reports[-1].utility_after
    assert before == pytest.approx(-0.25)
    assert after > -0.15
    assert names["result"].evaluate_metrics_serverapp[3]["squared-error"] == pytest.approx(-after)
    assert names["strategy"].nodes == (11, 12, 13, 14, 15)
