"""The main job as one piece: a federation from its creation to the last claim, with people who trade."""
