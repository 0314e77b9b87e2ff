"""One file a method: `method(game, ...) -> Contributions`."""
