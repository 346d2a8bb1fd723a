"""What an evaluation is about and what it says, as data."""
