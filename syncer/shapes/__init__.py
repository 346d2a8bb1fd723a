"""The shape of what trackers answer: keys, types and absences, and nothing of what anybody wrote.

Why. A sandbox that only we wrote shares our misunderstandings of the vendors. Somebody whose tracker answers
otherwise can send the shape of its answers instead of access to it. Who is to send it must be able to see that it
holds no secret, so it is built from a closed vocabulary: names in `vendor_keys.json` (which `tests/vendor_keys.py`
makes from the vendors' documents), the words of this package, and the version of the product. What is about to be
written is read back first, and reading refuses every other word at every position: a mistake here ends in an error,
not in a leak.

| module | holds |
|---|---|
| `named` | which keys the vendors' documents name, and where |
| `shape` | the shape of JSON values, and its written form |
| `record` | the shapes of all answers of some trackers, from what was heard to the file and back |
"""
