"""`wsf reward`: one command says where a reward is, another collects it."""

from __future__ import annotations


def test_it_says_where_a_reward_is(wsf, kept):
    shown = wsf("reward", "show", "value-1", "--json").json
    assert shown["address"] == kept.run.read().accounts["value-1"]
    assert (shown["opened"], shown["finalized"], shown["rounds"]) == (3, 3, 4)
    assert shown["holdings"]
    for held in shown["holdings"]:
        assert held["balance"]["decimals"] == 12
        assert held["record_balance"] is None
        assert held["next"]
    total = sum(int(held["claimable"]["units"]) for held in shown["holdings"])
    assert shown["claimable"] == {"units": str(total), "decimals": 6}
    assert wsf("reward", "show", shown["address"], "--json").json == shown


def test_lp_shares_earn_too(wsf):
    (held,) = wsf("reward", "show", "lp", "--json").json["holdings"]
    assert held["asset"] == "LP shares"
    assert int(held["claimable"]["units"]) > 0
    assert held["next"] == "claim"
    text = wsf("reward", "show", "lp").out
    assert "LP shares" in text
    assert "round 3 of 4 is paid" in text
    assert "wsf reward claim lp" in text


def test_everybody_is_shown_where_nobody_is_named(wsf, kept):
    holders = wsf("reward", "show", "--json").json["holders"]
    assert [entry["holder"] for entry in holders] == list(kept.run.read().accounts)
    assert all(entry["holder"] in wsf("reward", "show").out for entry in holders[:2])


def test_claiming_pays_what_was_claimable_once(wsf):
    before = wsf("reward", "show", "noise", "--json").json
    claimed = wsf("reward", "claim", "noise", "--json").json
    assert claimed["claimed"] == before["claimable"]
    assert sum(int(part["amount"]["units"]) for part in claimed["claims"]) == int(claimed["claimed"]["units"])
    after = wsf("reward", "show", "noise", "--json").json
    assert after["claimable"]["units"] == "0"
    assert int(after["claimed"]["units"]) == int(before["claimed"]["units"]) + int(
        before["claimable"]["units"]
    )
    assert "Nothing is claimable for noise now." in wsf("reward", "claim", "noise").out


def test_a_stranger_has_nothing_and_an_unknown_name_is_refused(wsf):
    assert "holds no token and no LP share" in wsf("reward", "show", "0x" + "12" * 20).out
    done = wsf("reward", "show", "nobody")
    assert done.code == 1
    assert "nobody is called 'nobody' here" in done.err
    assert "value-1" in done.err
    assert "there is no key for 0x1212" in wsf("reward", "claim", "0x" + "12" * 20).err
