"""The record of a run: its folder and run store, written while the run goes on, and read by everybody else."""
