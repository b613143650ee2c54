import asyncio


async def job(n):
    return work(n)


def work(n):
    return n


async def main():
    task = asyncio.create_task(job(0))
    results = await asyncio.gather(job(1), job(2))
    return results, await task


asyncio.run(main())
