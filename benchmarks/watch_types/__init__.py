"""A folder for NEPI_SEARCH_PATH: resource types of the runs that the benchmark has watched."""
