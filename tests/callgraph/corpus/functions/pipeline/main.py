def pipeline(*stages):
    def run(value):
        for stage in stages:
            value = stage(value)
        return value

    return run


def strip(text):
    return text.strip()


def title(text):
    return text.title()


clean = pipeline(strip, title)
clean("  some text ")
