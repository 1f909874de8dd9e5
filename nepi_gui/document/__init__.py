"""The experiment that a window edits: checked, changed, announced, undone; knows no widget."""
