"""Dialogs and pages that come and go: wizard, import, gallery, tour."""
