"""The expressions of ASL: JSONPath, payload templates, intrinsic functions, JSONata and the rules of Choice.

Each is compiled once, when a definition is loaded, into an `Expression` whose `evaluate` is a closure.
"""
