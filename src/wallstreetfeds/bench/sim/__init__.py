"""The benchmark of the simulator: `wsf bench sim`."""
