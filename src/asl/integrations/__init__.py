"""How AWS's services look from a state machine: which resources exist, what their requests and answers look like.

One module a service. Nothing here calls a service: these are functions of values.
"""
