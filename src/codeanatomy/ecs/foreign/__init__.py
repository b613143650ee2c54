"""Processors of compiled libraries: Arrow goes over and comes back through its C data interface.

`processor.h` beside this file is the contract of a library; `processor.foreign` makes a processor
of a path and a symbol.
"""
