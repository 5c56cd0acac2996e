"""Images as bytes: decode and encode, whatever they show."""
