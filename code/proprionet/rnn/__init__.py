"""Recurrent networks on tasks with known dynamics: tasks, training, fixed points, and how alike two networks solve one."""
