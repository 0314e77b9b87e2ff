"""Learning behind the simulator: federations trained and assessed in process."""
