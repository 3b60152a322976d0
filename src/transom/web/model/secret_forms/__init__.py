"""The forms in which a secret is written: `table` has all of them, each with an example."""
