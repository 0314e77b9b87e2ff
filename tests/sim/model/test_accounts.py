"""Record dates: who held when a round opened is paid for it, whatever happens after."""

import numpy as np
import pytest

from wallstreetfeds.sim.market import TradeRefused
from wallstreetfeds.sim.model.accounts import RecordAccounts


def test_a_buyer_after_the_record_date_earns_from_the_next_round_on():
    accounts = RecordAccounts()
    accounts.mint("seller", 10.0)
    accounts.open_round()
    accounts.mint("buyer", accounts.burn("seller", 4.0))
    accounts.pay(2.0)
    assert (accounts.claimable("seller"), accounts.claimable("buyer")) == (20.0, 0.0)
    accounts.open_round()
    accounts.pay(1.0)
    assert (accounts.claimable("seller"), accounts.claimable("buyer")) == (26.0, 4.0)


def test_a_token_made_late_earns_nothing_of_the_open_round():
    accounts = RecordAccounts(opened=3, finalized=2)
    accounts.mint("client", 5.0)
    accounts.pay(7.0)
    assert accounts.claimable("client") == 0
    accounts.open_round()
    accounts.pay(1.0)
    assert accounts.claimable("client") == 5


def test_a_claim_is_paid_once_and_later_rounds_again():
    accounts = RecordAccounts()
    accounts.mint("holder", 3.0)
    accounts.open_round()
    accounts.pay(1.5)
    assert accounts.claim("holder") == 4.5
    assert accounts.claim("holder") == 0
    accounts.open_round()
    accounts.pay(1.0)
    assert accounts.claim("holder") == 3


def test_nobody_claims_for_what_it_never_had():
    accounts = RecordAccounts()
    assert accounts.claim("stranger") == 0
    assert list(accounts) == []


def test_more_than_the_balance_is_refused_and_a_hair_more_is_the_balance():
    accounts = RecordAccounts()
    accounts.mint("holder", 0.3)
    with pytest.raises(TradeRefused, match="balance too small"):
        accounts.burn("holder", 0.3001)
    assert accounts.burn("holder", 0.1 + 0.2) == 0.3
    assert accounts.balance_of("holder") == 0


def test_what_has_to_stay_stays():
    accounts = RecordAccounts()
    accounts.mint("client", 10.0)
    with pytest.raises(TradeRefused, match="keep"):
        accounts.burn("client", 8.0, keep=3.0, reason="keep")
    accounts.burn("client", 7.0, keep=3.0, reason="keep")
    assert accounts.balance_of("client") == 3


def test_random_transfers_agree_with_snapshots_of_every_record_date():
    rng = np.random.default_rng(5)
    accounts, names = RecordAccounts(), ["a", "b", "c"]
    earned = dict.fromkeys(names, 0.0)
    for name in names:
        accounts.mint(name, 100.0)
    for _ in range(40):
        accounts.open_round()
        record = {name: accounts.balance_of(name) for name in names}
        for late in (False, True):
            for _ in range(int(rng.integers(3))):
                sender, receiver = rng.choice(names, 2)
                amount = accounts.balance_of(sender) * rng.random()
                accounts.mint(receiver, accounts.burn(sender, amount))
            if not late:
                reward = float(rng.random())
                accounts.pay(reward)
        for name in names:
            earned[name] += record[name] * reward
            if rng.random() < 0.3:
                earned[name] -= accounts.claim(name)
            assert accounts.claimable(name) == pytest.approx(earned[name], abs=1e-9)
    assert accounts.held == pytest.approx(300)
