"""From the store to the collaboration: both sides of every pair, put together."""
