import asyncio


class Reply:
    def json(self):
        return {}


class Client:
    async def get(self, url):
        return Reply()


async def main():
    client = Client()
    reply = await client.get("u")
    reply.json()
    return (await client.get("v")).json()


asyncio.run(main())
