def account(start):
    balance = [start]

    def deposit(n):
        balance.append(n)
        return total()

    def total():
        return sum(balance)

    return deposit, total


put, look = account(3)
put(2)
look()
