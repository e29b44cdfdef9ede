"""The model room: torch in, labelled arrays out."""
