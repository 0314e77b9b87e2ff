"""Markets as agents see them: the seam, the agents, and what runs behind it."""
