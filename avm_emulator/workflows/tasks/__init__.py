"""Tasks: which services they call, how, as whom, and what becomes of the answers."""
