"""When open work will be done: simulated, and held against what came of earlier forecasts. Pure."""
