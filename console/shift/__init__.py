"""A person's shift 本班记录: what they themselves did since a moment, from the timelines of incidents."""
