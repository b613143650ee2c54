def by_age(person):
    return person["age"]


people = [{"age": 4}, {"age": 2}]
ordered = sorted(people, key=by_age)
people.sort(key=lambda p: -p["age"])
