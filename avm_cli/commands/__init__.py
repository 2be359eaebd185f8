"""One module per command (or group of commands); each turns arguments into calls and an exit code."""
