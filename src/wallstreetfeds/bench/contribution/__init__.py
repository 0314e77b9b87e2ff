"""What `wsf bench contribution` measures: assessments beside the loops and libraries people use."""
