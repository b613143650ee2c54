import asyncio


async def pages(n):
    for i in range(n):
        yield Page(i)


class Page:
    def __init__(self, i):
        self.i = i

    def text(self):
        return str(self.i)


async def main():
    async for page in pages(2):
        page.text()
    return [page.text() async for page in pages(1)]


asyncio.run(main())
