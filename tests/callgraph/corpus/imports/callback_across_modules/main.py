from scheduler import Scheduler


def report():
    return "report"


scheduler = Scheduler()
scheduler.add(report)
scheduler.run()
