import asyncio


async def countdown(n):
    while n:
        yield n
        n -= 1


async def run(handler):
    return [handler(n) async for n in countdown(2)]


def handle(n):
    return -n


async def main():
    loop = asyncio.get_running_loop()
    results = await asyncio.wait_for(run(handle), 5)
    future = loop.create_future()
    future.set_result(results)
    return await future


asyncio.run(main())
