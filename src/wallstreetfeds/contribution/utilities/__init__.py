"""What a coalition is worth: engines that map coalitions (m, n) to utilities (m,)."""
