"""Campaigns: what the tests check on thousands of cases, on millions."""
