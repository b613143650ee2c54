from itertools import accumulate, groupby


def first_letter(word):
    return word[0]


def longer(a, b):
    return max(a, b)


for letter, words in groupby(["ant", "art", "bee"], key=first_letter):
    print(letter, list(words))
print(list(accumulate([1, 2], longer)))
