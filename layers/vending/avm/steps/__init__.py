"""One use case per workflow state: Input, Output and run(input, gateways)."""
