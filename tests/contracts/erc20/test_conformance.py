"""ERC-20 and EIP-2612 on the client token and on the LP share: one suite, random amounts."""

from dataclasses import dataclass
from typing import Any

import boa
import pytest
from eth_account import Account
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from onchain.permits import signed_permit
from onchain.world import FOREVER, ZERO, Federation, events, refused

FEW = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

HELD = 10**12
amounts = st.one_of(st.integers(0, 3), st.integers(0, HELD), st.just(HELD))
too_much = st.one_of(st.just(HELD + 1), st.integers(HELD + 1, FOREVER), st.just(FOREVER))


@dataclass(frozen=True)
class Token:
    """One of the two, and an account that holds `HELD` of it; nobody else named here holds any."""

    contract: Any
    owner: Any
    key: Any
    spender: Any
    receiver: Any

    @property
    def balances(self) -> list[int]:
        return [int(self.contract.balanceOf(who)) for who in (self.owner, self.spender, self.receiver)]


@pytest.fixture(scope="module", params=["client token", "LP share"])
def token(request: pytest.FixtureRequest) -> Token:
    federation = Federation().open(3)
    key = Account.from_key(b"\7" * 32)
    if request.param == "client token":
        contract = federation.tokens[1]
        contract.transfer(key.address, HELD, sender=federation.clients[1])
    else:
        contract = federation.pool
        contract.transfer(key.address, HELD, sender=federation.lp)
    spender, receiver = boa.env.generate_address("spender"), boa.env.generate_address("receiver")
    return Token(contract, key.address, key, spender, receiver)


def test_it_has_twelve_decimals_and_names(token: Token) -> None:
    assert token.contract.decimals() == 12
    assert token.contract.name().startswith("WallStreetFeds")
    assert token.contract.symbol().startswith("WSF-")


@FEW
@given(amount=amounts)
def test_a_transfer_moves_exactly_the_amount_and_says_so(token: Token, amount: int) -> None:
    with boa.env.anchor():
        supply = token.contract.totalSupply()
        assert token.contract.transfer(token.receiver, amount, sender=token.owner) is True
        (log,) = events(token.contract, "Transfer")
        assert (log.sender, log.receiver, log.amount) == (token.owner, token.receiver, amount)
        assert token.balances == [HELD - amount, 0, amount]
        assert token.contract.totalSupply() == supply


@FEW
@given(amount=too_much)
def test_nobody_sends_more_than_it_has(token: Token, amount: int) -> None:
    with refused("balance too small"):
        token.contract.transfer(token.receiver, amount, sender=token.owner)
    assert token.balances == [HELD, 0, 0]


@FEW
@given(amount=amounts)
def test_a_transfer_to_oneself_changes_nothing(token: Token, amount: int) -> None:
    with boa.env.anchor():
        assert token.contract.transfer(token.owner, amount, sender=token.owner) is True
        (log,) = events(token.contract, "Transfer")
        assert (log.sender, log.receiver, log.amount) == (token.owner, token.owner, amount)
        assert token.balances == [HELD, 0, 0]


@FEW
@given(amount=too_much)
def test_not_even_to_oneself(token: Token, amount: int) -> None:
    with refused("balance too small"):
        token.contract.transfer(token.owner, amount, sender=token.owner)


@FEW
@given(amount=amounts)
def test_nothing_goes_to_the_zero_address(token: Token, amount: int) -> None:
    with refused("transfer to the zero address"):
        token.contract.transfer(ZERO, amount, sender=token.owner)


def test_who_has_nothing_can_send_nothing(token: Token) -> None:
    with boa.env.anchor():
        assert token.contract.transfer(token.owner, 0, sender=token.receiver) is True
        assert token.balances == [HELD, 0, 0]


@FEW
@given(first=st.integers(0, FOREVER), second=st.integers(0, FOREVER))
def test_an_approval_replaces_the_one_before(token: Token, first: int, second: int) -> None:
    with boa.env.anchor():
        for amount in (first, second):
            assert token.contract.approve(token.spender, amount, sender=token.owner) is True
            (log,) = events(token.contract, "Approval")
            assert (log.owner, log.spender, log.amount) == (token.owner, token.spender, amount)
            assert token.contract.allowance(token.owner, token.spender) == amount
        assert token.contract.allowance(token.spender, token.owner) == 0


@FEW
@given(allowed=amounts, amount=amounts)
def test_a_spender_spends_at_most_its_allowance(token: Token, allowed: int, amount: int) -> None:
    with boa.env.anchor():
        token.contract.approve(token.spender, allowed, sender=token.owner)
        spend = (token.owner, token.receiver, amount)
        if amount > allowed:
            with refused("allowance too small"):
                token.contract.transferFrom(*spend, sender=token.spender)
            assert token.balances == [HELD, 0, 0]
            return
        assert token.contract.transferFrom(*spend, sender=token.spender) is True
        assert events(token.contract, "Transfer")[0].amount == amount
        assert token.contract.allowance(token.owner, token.spender) == allowed - amount
        assert token.balances == [HELD - amount, 0, amount]


@FEW
@given(amount=amounts)
def test_the_largest_allowance_is_never_used_up(token: Token, amount: int) -> None:
    with boa.env.anchor():
        token.contract.approve(token.spender, FOREVER, sender=token.owner)
        token.contract.transferFrom(token.owner, token.receiver, amount, sender=token.spender)
        assert token.contract.allowance(token.owner, token.spender) == FOREVER
        assert token.balances == [HELD - amount, 0, amount]


@FEW
@given(amount=too_much)
def test_an_allowance_is_no_balance(token: Token, amount: int) -> None:
    with boa.env.anchor():
        token.contract.approve(token.spender, FOREVER, sender=token.owner)
        with refused("balance too small"):
            token.contract.transferFrom(token.owner, token.receiver, amount, sender=token.spender)
        assert token.balances == [HELD, 0, 0]


@FEW
@given(amount=st.integers(1, HELD))
def test_the_owner_itself_needs_an_allowance_for_transfer_from(token: Token, amount: int) -> None:
    with refused("allowance too small"):
        token.contract.transferFrom(token.owner, token.receiver, amount, sender=token.owner)


@FEW
@given(amount=st.integers(0, FOREVER))
def test_a_permit_approves_once(token: Token, amount: int) -> None:
    with boa.env.anchor():
        nonce = token.contract.nonces(token.owner)
        permit = signed_permit(token.contract, token.key, token.spender, amount)
        token.contract.permit(*permit, sender=token.receiver)
        (log,) = events(token.contract, "Approval")
        assert (log.owner, log.spender, log.amount) == (token.owner, token.spender, amount)
        assert token.contract.allowance(token.owner, token.spender) == amount
        assert token.contract.nonces(token.owner) == nonce + 1
        with refused("permit: not signed by the owner"):
            token.contract.permit(*permit, sender=token.receiver)


@FEW
@given(signed=amounts, asked=amounts)
def test_a_permit_for_another_amount_is_refused(token: Token, signed: int, asked: int) -> None:
    altered = signed if signed != asked else asked + 1
    permit = signed_permit(token.contract, token.key, token.spender, asked, altered={"value": altered})
    with refused("permit: not signed by the owner"):
        token.contract.permit(*permit)
    assert token.contract.allowance(token.owner, token.spender) == 0
