import logging
import time

log = logging.getLogger("demo")


def measure(job):
    start = time.perf_counter()
    job()
    log.info("took %s", time.perf_counter() - start)


def job():
    return 1


measure(job)
