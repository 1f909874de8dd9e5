"""The drawing of an experiment: scene, view and gestures; listens to the document and changes it by its steps only."""
