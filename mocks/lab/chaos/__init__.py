"""`hub chaos`: checks the hub's responses while one department after another fails."""
