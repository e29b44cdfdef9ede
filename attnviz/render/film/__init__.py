"""From pictures to encoded segments of film."""
