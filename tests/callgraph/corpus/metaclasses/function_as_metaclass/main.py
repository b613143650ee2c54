def upper_names(name, bases, namespace):
    renamed = {key.upper() if key == "run" else key: value for key, value in namespace.items()}
    return type(name, bases, renamed)


class Job(metaclass=upper_names):
    def run(self):
        return "run"


# the method's new name is only known when the class is made
getattr(Job(), "RUN")()
