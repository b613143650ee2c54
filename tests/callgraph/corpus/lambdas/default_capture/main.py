def report(i):
    return i


jobs = [lambda i=i: report(i) for i in range(3)]
for job in jobs:
    job()
