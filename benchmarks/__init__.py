"""Measurements of the program beside floors and peers, in the same run; never part of the tests."""
