"""What a week comes to: six answers, eight weeks of a figure for each, and what changed since the week before. Pure."""
