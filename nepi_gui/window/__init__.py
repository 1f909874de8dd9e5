"""The main window: what it consists of, its commands, its looks; builds on document, canvas and panels."""
