"""Keeps a Jira project and a GitHub repository in step, both ways, and reports each week how the work went.

Words, one for one thing:

| word                | means                                                                            |
|---------------------|----------------------------------------------------------------------------------|
| tracker             | an external system with credentials: one Jira site, one GitHub host              |
| connector           | code that speaks to one kind of tracker                                          |
| pair                | two scopes (a project + filter, a repository + filter) kept in step              |
| side                | left or right of a pair                                                          |
| item                | a task, milestone or comment                                                     |
| ref                 | a tracker's own id of an item; the key (`PAY-7`, `acme/pay#12`) is display       |
| link                | the same item on both sides                                                      |
| observed, base      | what a side shows now; what it showed when both sides agreed                     |
| version, cursor     | changes when the item does; where reading stopped                                |
| marker              | our origin id, minted before a create and sent inside it                         |
| change, change set  | what we intend to write                                                          |
| preview             | showing the change set without applying it                                       |
| conflict            | both sides changed one field apart                                               |
| held                | set aside until a person or a later reading settles it                           |
| journal, history    | our intents and outcomes; field changes seen                                     |
| run                 | one pass over one pair                                                           |
"""

__version__ = "0.1.0"
