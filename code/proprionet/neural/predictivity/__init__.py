"""What many predictions of neurons say together: one tidy table, best layers, tests, gains, and a ranking of models."""
