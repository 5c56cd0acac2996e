"""One module a command: each has `main(arguments)`, which returns the exit code."""
