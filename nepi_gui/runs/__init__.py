"""The runs of an experiment as folders on the disk: listed, compared, archived, removed. Knows no Qt."""
