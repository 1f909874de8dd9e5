"""Resource types that work with every backend."""
