"""The traces of a run: which there are, their text as it grows, and what captures hold."""
