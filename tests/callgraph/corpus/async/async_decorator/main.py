import asyncio
import functools


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args):
        try:
            return await function(*args)
        except OSError:
            return await function(*args)

    return wrapper


tries = []


@retry
async def call(host):
    tries.append(host)
    if len(tries) == 1:
        raise OSError
    return host


asyncio.run(call("h"))
