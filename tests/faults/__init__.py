"""What goes wrong between an operator and its API server, on purpose."""
