"""JSONata for the interpreter: evaluation by jsonata-python, the functions of Step Functions, queries in states."""
