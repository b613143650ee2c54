def logged(function):
    def inner():
        return function()

    return inner


def job():
    return "job"


quiet_job = job
job = logged(job)
job()
quiet_job()
