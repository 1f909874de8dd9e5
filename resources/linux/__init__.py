"""Resource types of a Linux host: the host itself, and the programs that run on it."""
