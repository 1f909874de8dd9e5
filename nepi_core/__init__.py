"""The engine: describes experiments, drives their resources, keeps what happened. Knows no window and no backend."""
