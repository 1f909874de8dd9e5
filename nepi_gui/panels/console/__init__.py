"""Commands on the hosts of a live run: typed in the window, with output and history."""
