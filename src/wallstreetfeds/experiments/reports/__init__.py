"""What experiments found: tables, blocks of their pages, and figures, one file for each experiment."""
