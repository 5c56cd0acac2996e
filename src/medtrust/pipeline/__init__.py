"""The steps a user takes, each a function: the command line only parses and prints."""
