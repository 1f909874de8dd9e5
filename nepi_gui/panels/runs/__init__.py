"""The panel of runs: all runs of the experiment, what differed between them, and what was measured."""
