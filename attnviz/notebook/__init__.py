"""The notebook room: what the command line does, for programs and notebooks, with films that are shown where they are.

Everything runs in a process of its own: one that has threads, as a notebook's has, must not fork.
"""
