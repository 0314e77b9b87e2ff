# pragma version 0.4.3
"""
@title ERC-20 bookkeeping beside reward accounting
@license Apache-2.0
@notice Allowances, given by a call or by signature (EIP-2612), and events.  Balances live in
        `reward_accounting`; the contract that uses both writes `transfer` and `transferFrom`, because only it
        knows the rounds that a transfer has to respect.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256


# EIP-712 domain: name, version "1", chain, this contract (EIP-5267 says so to wallets).
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
VERSION_HASH: constant(bytes32) = keccak256("1")
# EIP-2: the other half of the signatures is the same signatures again.
HIGHEST_S: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

decimals: public(constant(uint8)) = 12

allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let `spender` move up to `amount` of the caller's tokens; 2^256 - 1 is never used up.
    """
    self._approve(msg.sender, spender, amount)
    return True


def _approve(owner: address, spender: address, amount: uint256):
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, amount=amount)


def _spend_allowance(owner: address, spender: address, amount: uint256):
    allowed: uint256 = self.allowance[owner][spender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "allowance too small"
        self.allowance[owner][spender] = allowed - amount


def _permit(
    domain: bytes32,
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice Approve by the owner's signature, once: its nonce is used up.
    """
    assert block.timestamp <= deadline, "permit: deadline has passed"
    assert convert(s, uint256) <= HIGHEST_S, "permit: signature with a high s"
    nonce: uint256 = self.nonces[owner]
    self.nonces[owner] = nonce + 1
    digest: bytes32 = keccak256(
        concat(
            x"1901",
            domain,
            keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, nonce, deadline)),
        )
    )
    signer: address = ecrecover(digest, v, r, s)
    assert owner != empty(address) and signer == owner, "permit: not signed by the owner"
    self._approve(owner, spender, amount)


@view
def _domain_separator(name_hash: bytes32) -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPE, name_hash, VERSION_HASH, chain.id, self))
