"""The keeper: a small process that owns all programs started on this machine, and ends them when its controller dies.

`process` is the program itself and stands alone; `client` is the controller's end of the line to it.
"""
