"""What the taps in a Python tell, made into conversations: of this process (`block`), or of others (`receiver`)."""
