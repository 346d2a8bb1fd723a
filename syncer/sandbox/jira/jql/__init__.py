"""Reads, prints and evaluates JQL, Jira's query language, with a parser of its own.

text -> `parser` -> `syntax` (a tree) -> `compilation` (a predicate and a sort over issue contents).
"""
