"""The chain SDK: contract functions as methods of the same name, on any EVM node or the embedded one."""

from wallstreetfeds.chain.audit import Conservation, audit
from wallstreetfeds.chain.bound import Receipt
from wallstreetfeds.chain.contracts import (
    Case,
    Challenges,
    ClientToken,
    Clock,
    Numeraire,
    Orchestrator,
    Pool,
    Scenario,
    Stage,
)
from wallstreetfeds.chain.deploy import deploy_numeraire, deploy_platform
from wallstreetfeds.chain.errors import (
    ArtifactsError,
    ChainError,
    ContractError,
    DevelopmentOnlyError,
    FundsError,
    NodeError,
    OutOfGasError,
    SettlementError,
    WrongChainError,
)
from wallstreetfeds.chain.events import read_events
from wallstreetfeds.chain.permits import Permit, sign_permit
from wallstreetfeds.chain.session import Session
from wallstreetfeds.chain.settlement import ChainSettlement, OpenedRound
from wallstreetfeds.chain.terms import Terms
from wallstreetfeds.chain.transactions import Stats

__all__ = [
    "ArtifactsError",
    "Case",
    "ChainError",
    "ChainSettlement",
    "Challenges",
    "ClientToken",
    "Clock",
    "Conservation",
    "ContractError",
    "DevelopmentOnlyError",
    "FundsError",
    "NodeError",
    "Numeraire",
    "OpenedRound",
    "Orchestrator",
    "OutOfGasError",
    "Permit",
    "Pool",
    "Receipt",
    "Scenario",
    "Session",
    "SettlementError",
    "Stage",
    "Stats",
    "Terms",
    "WrongChainError",
    "audit",
    "deploy_numeraire",
    "deploy_platform",
    "read_events",
    "sign_permit",
]
