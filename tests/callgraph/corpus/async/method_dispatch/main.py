import asyncio


class Base:
    async def handle(self):
        await self.before()
        return await self.process()

    async def before(self):
        return None


class Upload(Base):
    async def process(self):
        return self.store()

    def store(self):
        return "stored"


class Ping(Base):
    async def before(self):
        await super().before()

    async def process(self):
        return "pong"


async def main():
    for handler in (Upload(), Ping()):
        await handler.handle()


asyncio.run(main())
