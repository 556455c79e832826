"""Tasks of recurrent networks."""
