try:
    import no_such_module_here as fast
except ImportError:

    def fast():
        return "slow but sure"


fast()
