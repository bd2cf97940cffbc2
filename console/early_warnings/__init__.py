"""Early warnings 预警: categories of incidents that rise above their own past in a division, judged week by week."""
