"""Blackboards for several tests."""

UNEVEN = """\
kind: blackboard
axes: [x, y]
words: {apple: [1, 0], orange: [0, 1]}
heads:
  - {name: wide, W_Q: [[1, 2, 3], [1, 2, 3]], W_K: [[1, 2, 3], [1, 2, 3]], W_V: [[1], [2]]}
  - {name: slim, W_Q: [[1], [3]], W_K: [[1], [3]], W_V: [[1, 2], [3, 4]]}
W_O: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
"""
