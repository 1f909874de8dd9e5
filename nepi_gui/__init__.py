"""The desktop program and the command line; only here Qt is imported, and never on the way to a headless run."""
