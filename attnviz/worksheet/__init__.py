"""Worksheets and quizzes: the numbers of a film, to be worked out by hand and to be asked about."""
