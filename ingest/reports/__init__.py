"""Reports 上报: incidents that sources send over HTTP, one by one or in batches."""
