"""Linear models of letters and trajectories."""
