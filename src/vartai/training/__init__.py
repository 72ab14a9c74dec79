"""The loop that trains every task: optimiser, average, checkpoints, processes, events."""
