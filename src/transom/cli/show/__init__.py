"""What a person sees in a terminal: timeline items, journeys and outcomes as lines, in two languages."""
