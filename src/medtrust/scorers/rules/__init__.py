"""Rules as data: files of named ways of saying something, and what reads them."""
