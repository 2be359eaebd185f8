"""Settings, entry point, observability and wiring of the functions."""
