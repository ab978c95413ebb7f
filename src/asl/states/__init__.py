"""The states of ASL, one module per type.

Each module compiles a state's definition into closures of a `State`: `perform` does the state's work for a frame and
returns the state to go to, or None if the frame must wait; `conclude` goes on when what it waited for is there.
"""
