"""TestState: one state, tried out alone, with its data shown on the way through.

Source: the API reference of TestState (parameters, response and limits as in botocore's model) and recorded answers.
The state is the engine's own; what is here chooses it, plays the outside for it and writes the answer.
"""

from asl.single_state.operation import test_state

__all__ = ["test_state"]
