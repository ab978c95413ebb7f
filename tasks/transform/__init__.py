"""The transform step: an ordered pipeline of operations on the staged file."""
