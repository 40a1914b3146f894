"""`hub faults`: makes mock departments misbehave, and behave again."""
