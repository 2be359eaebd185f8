"""The account vending machine, as it is deployed."""
