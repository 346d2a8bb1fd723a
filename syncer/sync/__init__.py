"""One pass over one pair, in the order it happens; `syncer.sync.pair_run` reads top to bottom."""
