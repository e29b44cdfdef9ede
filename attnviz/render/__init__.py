"""The render room: turns shots and traces into encoded clips."""

from attnviz.input.surroundings import start_manim_with_defaults

start_manim_with_defaults()
