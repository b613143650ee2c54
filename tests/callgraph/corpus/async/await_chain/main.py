import asyncio


async def read():
    return await fetch()


async def fetch():
    return decode(b"x")


def decode(data):
    return data.decode()


asyncio.run(read())
