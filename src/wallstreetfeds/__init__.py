"""Federated learning in which every client has a token that anyone can trade.

`wallstreetfeds.chain` talks to the contracts, `wallstreetfeds.contribution` says who earned what,
`wallstreetfeds.federation` puts both behind a Flower strategy, `wallstreetfeds.sim` trades.
"""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("wallstreetfeds")
