"""The observer's side: from the bytes of a conversation to a timeline that can be told, drawn or queried."""
