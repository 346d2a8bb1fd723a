"""Who is responsible for what, from what the trackers tell and people wrote down, and what is missing. Pure."""
