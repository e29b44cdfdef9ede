"""The clips room: a sentence becomes a storyboard, by a template and by what a trace says, and so a film."""
