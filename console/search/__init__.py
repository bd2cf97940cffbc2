"""Search 检索: incidents, forces, divisions, places and cameras by part of their name or code."""
