"""One style, figure functions that take arrays and return figures, and the report of an experiment."""
