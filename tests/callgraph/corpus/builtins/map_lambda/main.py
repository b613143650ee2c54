words = ["a", "bb"]
sizes = list(map(lambda w: len(w), words))
print(sizes)
