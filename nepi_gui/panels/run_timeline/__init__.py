"""The time line of a run: what was in which state when, and going through it."""
