import asyncio


class Delayed:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return self.value


async def main():
    callback = await Delayed(done)
    return callback()


def done():
    return "done"


asyncio.run(main())
