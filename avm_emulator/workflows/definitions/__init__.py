"""Definitions of state machines: what the language has, what is refused, how they are parsed."""
