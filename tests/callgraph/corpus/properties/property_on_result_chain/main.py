class City:
    @property
    def country(self):
        return Country()


class Country:
    @property
    def capital(self):
        return City()

    def anthem(self):
        return "la"


City().country.capital.country.anthem()
