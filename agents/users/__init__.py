"""The market: simulated customers whose people work in the product over HTTP, pay, complain and leave."""
