"""Many machines on one state: workers that take the runs of pairs from a queue in the same PostgreSQL.

The queue only says what is due. What keeps two runs of a pair apart, how much a credential may send and what was
intended are in the state; so a job that is delivered twice costs time, and never a second write.
"""
