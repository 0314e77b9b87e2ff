"""Helpers of the tests that run contracts: a federation with its actors, and the naive reward model."""
