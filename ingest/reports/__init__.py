"""Reports 上报: matters as sources tell them over HTTP, one by one or by the thousand."""
