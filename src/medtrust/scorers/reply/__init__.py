"""What a reply says, as text: made plain, cut into words, searched for statements."""
