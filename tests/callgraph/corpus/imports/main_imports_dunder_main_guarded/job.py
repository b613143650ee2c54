def main():
    return step()


def step():
    return 1


if __name__ == "__main__":
    main()
