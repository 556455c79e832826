"""Movements: pen letters, varied and placed somewhere in reach, written by the arm."""
