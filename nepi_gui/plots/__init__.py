"""Plots of the series of runs, live or recorded; the panel and its list of series do without pyqtgraph."""
