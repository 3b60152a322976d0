"""What the page shows, as JSON: one document, whose parts have the same addresses live and in a report."""
