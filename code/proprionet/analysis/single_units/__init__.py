"""What single units, and all units of a layer together, say of the movement."""
