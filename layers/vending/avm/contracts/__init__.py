"""Wire models of the doors."""
