"""The decisions, pure: normalise, match, merge, reconcile, guard, describe. No I/O, no clock, no chance, no logging."""
