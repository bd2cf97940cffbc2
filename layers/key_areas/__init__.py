"""Key areas 重点区域: where cameras matter most, how many are online there, and how much they cover."""
