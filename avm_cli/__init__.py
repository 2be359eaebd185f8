"""The `avm` command: a client of the vending API, and the door to the emulator on this machine."""
