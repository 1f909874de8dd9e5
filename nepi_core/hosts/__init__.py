"""Hosts: what commands run on. The interface, this machine behind it, and what keeps it clean."""
