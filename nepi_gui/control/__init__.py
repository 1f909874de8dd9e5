"""Watching and driving a run from another process, through a socket in the run's folder. Imports no Qt."""
