"""The emulator of AWS on which the whole system runs on one machine: MiniStack, with its gaps closed.

`process` starts and stops it; `python -m local.emulator` is the process itself. The other modules each close a gap
between MiniStack and AWS: the docstring says what AWS does and what MiniStack does, `close_gap()` is called once before
MiniStack serves, and `tests/integration/emulator/test_gaps.py` fails when a newer MiniStack has closed the gap itself.
"""
