"""The storyboard room: YAML in, a typed and checked storyboard out. No torch, no manim."""
