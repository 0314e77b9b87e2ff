"""Federated learning in which every client has a token that anyone can trade."""
