try:
    from fast_json_that_is_not_there import dumps
except ImportError:
    from slow import dumps

dumps({})
