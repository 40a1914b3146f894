"""Employment exchanges: a CSV file every half hour, with the rows of the last ninety minutes."""
