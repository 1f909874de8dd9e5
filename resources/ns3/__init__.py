"""Simulated networks with ns-3; for now only whether it is installed."""
