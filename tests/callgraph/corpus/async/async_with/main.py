import asyncio


class Connection:
    async def __aenter__(self):
        self.open()
        return self

    async def __aexit__(self, *exc):
        self.close()

    def open(self):
        self.ready = True

    def close(self):
        self.ready = False

    def query(self):
        return 1


async def main():
    async with Connection() as connection:
        connection.query()


asyncio.run(main())
