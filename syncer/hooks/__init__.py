"""The receiver of webhooks: a delivery that its tracker signed asks that the pairs it is about run soon.

What it says is believed of nothing else. A lost, doubled or forged delivery changes when a run begins, and what a run
does is found by reading the trackers, as ever.
"""
