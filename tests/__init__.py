"""The tests mirror `src/codeanatomy`; `house` tests the building itself."""
