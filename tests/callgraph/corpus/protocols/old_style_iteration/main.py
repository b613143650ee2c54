class Letters:
    def __getitem__(self, index):
        return "ab"[index]


for letter in Letters():
    print(letter)
