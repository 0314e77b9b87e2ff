"""The `wsf` command: the one place that decides what runs where."""
