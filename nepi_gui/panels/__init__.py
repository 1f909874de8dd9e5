"""The panels around the canvas; each is a widget that is given the `Editor` and listens to it."""
