"""Pen trajectories: readers for recorded letters, a synthetic writer, and the latents that vary a letter."""
