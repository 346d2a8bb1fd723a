"""The product against servers that others wrote: what our own sandbox would forgive, they may not.

    python -m tests.witness

Nothing of theirs is part of this project: it is installed into a folder below the user's cache, in fixed versions.
Where that cannot be done (no network, no wheel for the platform) the tests are skipped with the reason.
"""
