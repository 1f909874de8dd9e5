"""Checks: resources that judge an experiment, as part of it, and say in a sentence what they found."""
