"""What a round was scored by, kept so that anybody who holds it can compute the scores again.

`docs/guides/evidence.md` has the format and its limits.
"""

from wallstreetfeds.federation.evidence.bundle import Bundle, EvidenceError, EvidenceFolder, Update, bundle
from wallstreetfeds.federation.evidence.canonical import canonical_bytes, canonical_digest, read_canonical
from wallstreetfeds.federation.evidence.manifest import Manifest
from wallstreetfeds.federation.evidence.reading import Fault
from wallstreetfeds.federation.evidence.recipe import ENGINES, Recipe
from wallstreetfeds.federation.evidence.verify import Difference, Posted, Verdict, verify_round

__all__ = [
    "ENGINES",
    "Bundle",
    "Difference",
    "EvidenceError",
    "EvidenceFolder",
    "Fault",
    "Manifest",
    "Posted",
    "Recipe",
    "Update",
    "Verdict",
    "bundle",
    "canonical_bytes",
    "canonical_digest",
    "read_canonical",
    "verify_round",
]
