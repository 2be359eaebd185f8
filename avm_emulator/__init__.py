"""The embedded AWS that the whole application runs on offline."""
