import pickle
from typing import Optional


class Job:
    def run(self):
        return 1


def start(jobs: list[Job], extra: Optional[Job]) -> None:
    for job in jobs:
        job.run()
    if extra:
        extra.run()


def stored() -> list[Job]:
    return pickle.loads(pickle.dumps([Job()]))


start(stored(), stored()[0])
