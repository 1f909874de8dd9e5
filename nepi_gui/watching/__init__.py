"""What a window knows of a run: the link to it while it lives, and its record, then and later."""
