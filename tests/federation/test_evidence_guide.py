"""The guide to evidence is right: its code recomputes a root, and the app it writes signs."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "evidence.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.S)


def test_thirty_lines_without_this_package_recompute_the_root(scored):
    code, _ = BLOCKS
    assert "wallstreetfeds." not in code.replace("wallstreetfeds/", "")
    assert code.count("\n") < 35
    names = {"FOLDER": scored.folder.path}
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["path"] == scored.folder.manifest(2, scored.posted.root)


def test_the_client_is_written_as_the_guide_says():
    names = {}
    exec(compile(BLOCKS[1], str(GUIDE), "exec"), names)
    assert names["venue"].scenario == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert callable(names["app"])


def test_the_reasons_it_quotes_are_those_of_the_code():
    source = (Path(__file__).parents[2] / "src/wallstreetfeds/federation/signing.py").read_text()
    text = GUIDE.read_text()
    for quoted, written in (
        ("`signed before the round was open, or over another opening block`", "signed before the round was"),
        ("`signed for round 2, not for round 3`", "signed for round {config['round']}, not for round"),
        ("or over another update, not by the wallet", "or over another update, not by the wallet"),
        ("`no signature`", '"no signature"'),
    ):
        assert quoted in text
        assert written in source
