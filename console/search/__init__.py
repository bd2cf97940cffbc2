"""Search 查找: whatever has a name and a place, by a piece of its name."""
