"""What must be true of the organization before accounts can be vended; one file for each control."""
