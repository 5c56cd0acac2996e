"""How far can a medical vision-language model be trusted?

The public names are the records of `medtrust.records`, the errors of
`medtrust.errors`, and the steps of `medtrust.pipeline`.
"""

__version__ = "0.1.0"
