"""`hub chaos`: what becomes of everybody's answers while one department after another fails."""
