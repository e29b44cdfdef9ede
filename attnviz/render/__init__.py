"""The render room: turns shots and traces into encoded clips."""
