"""What a network will look like, worked out before anything is built: wiring, names, addresses, routes, commands.

Pure: it looks at the resources of an experiment and changes nothing. `model` has the words, `planner` the order of
work.
"""
