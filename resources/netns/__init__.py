"""Emulated networks on this machine: hosts, switches and links of the kernel, without root."""
