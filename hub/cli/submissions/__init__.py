"""The commands about submissions, and about tasks of operators."""
