"""The 15-minute circle 15分钟解纷圈: which grids somebody on duty reaches in time, and the move that closes most."""
