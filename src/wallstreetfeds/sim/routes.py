"""Which pool trades which token: from the seam's asset numbers to a pool's own, and back.

The seam counts the numeraire as 0 and the token of client k as k + 1.  A pool counts its own tokens from 1,
in join order of those listed; a late client's pool has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wallstreetfeds.sim.market import NUMERAIRE, SHARED_POOL, Refused, TradeRefused


class Routes:
    """The clients of every pool, the shared pool first; `pools` are their client numbers."""

    def __init__(self, pools: Iterable[Sequence[int]] = ()) -> None:
        self.pools: list[tuple[int, ...]] = []
        self._places: dict[int, tuple[int, int]] = {}
        for clients in pools:
            self.add(clients)

    def add(self, clients: Sequence[int]) -> None:
        """Add a pool of these clients' tokens."""
        for number, client in enumerate(clients, start=1):
            self._places[client + 1] = (len(self.pools), number)
        self.pools.append(tuple(clients))

    def check(self, pool: int) -> None:
        """Raise Refused for a pool that does not exist."""
        if not 0 <= pool < len(self.pools):
            raise Refused(f"no such pool: {pool}")

    def assets(self, pool: int) -> list[int]:
        """Return the seam's numbers of a pool's assets, the numeraire first.  Raises Refused."""
        self.check(pool)
        return [NUMERAIRE, *(client + 1 for client in self.pools[pool])]

    def place(self, asset: int) -> tuple[int, int]:
        """Return the pool that trades a client's token, and its number there.

        Raises TradeRefused where none does.
        """
        if asset not in self._places:
            raise TradeRefused("the asset is in no pool")
        return self._places[asset]

    def route(self, asset_in: int, asset_out: int) -> tuple[int, int, int]:
        """Return the pool that trades two assets, and their numbers there.

        One asset for itself is the pool's to refuse.  Raises TradeRefused where no pool has both.
        """
        if asset_in == NUMERAIRE:
            if asset_out == NUMERAIRE:
                return SHARED_POOL, NUMERAIRE, NUMERAIRE
            pool, second = self.place(asset_out)
            return pool, NUMERAIRE, second
        pool, first = self.place(asset_in)
        if asset_out == NUMERAIRE:
            return pool, first, NUMERAIRE
        other, second = self.place(asset_out)
        if other != pool:
            raise TradeRefused("the two tokens are in different pools")
        return pool, first, second

    def number(self, asset: int, pool: int) -> int:
        """Return the number of an asset in a pool.  Raises Refused where it is not in it."""
        self.check(pool)
        if asset == NUMERAIRE:
            return NUMERAIRE
        place, number = self.place(asset)
        if place != pool:
            raise TradeRefused(f"the asset is not in pool {pool}")
        return number
