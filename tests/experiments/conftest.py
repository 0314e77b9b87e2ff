"""Imports what brings Flower's command line along, which trips over a deprecation in click."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import wallstreetfeds.federation  # noqa: F401
