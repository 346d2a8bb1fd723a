"""The sentences of the report, by what they speak of."""
