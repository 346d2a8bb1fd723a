"""Composition: settings become rules, connectors and contexts; what commands and the daemon share."""
