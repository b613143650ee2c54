"""Asking a language model: whichever provider, once or streamed, with tools, with patience."""
