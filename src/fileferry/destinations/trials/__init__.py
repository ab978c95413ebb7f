"""Trying a destination out, step by step and within seconds, by the code that delivers."""
