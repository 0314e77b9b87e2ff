# pragma version 0.4.3
"""
@title Addresses of client tokens
@license Apache-2.0
@notice Token k of a Scenario is a minimal proxy (EIP-1167) made with CREATE2 and salt k, so its address is
        computed, never stored.
"""


@pure
def _proxy_code_hash(implementation: address) -> bytes32:
    """
    @notice Hash of the init code that deploys a minimal proxy to `implementation`.
    """
    return keccak256(
        concat(
            x"602d3d8160093d39f3363d3d373d3d3d363d73",
            convert(implementation, bytes20),
            x"5af43d82803e903d91602b57fd5bf3",
        )
    )


@pure
def _token(scenario: address, proxy_code_hash: bytes32, client: uint256) -> address:
    """
    @notice Address of the token of the client with index `client` (join order, from 0).
    """
    digest: bytes32 = keccak256(
        concat(x"ff", convert(scenario, bytes20), convert(client, bytes32), proxy_code_hash)
    )
    return convert(convert(digest, uint256) & (2**160 - 1), address)
