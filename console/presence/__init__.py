"""What the open page of a force's phone says: that it has the task, and whether it is in front."""
