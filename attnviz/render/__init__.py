"""The render room: from shots and traces to encoded clips."""
