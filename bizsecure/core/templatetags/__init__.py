"""What templates of every room may ask of the ground floor."""
