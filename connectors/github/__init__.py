"""Connector for GitHub."""
