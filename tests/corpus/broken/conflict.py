def a():
<<<<<<< ours
    return 1
=======
    return 2
>>>>>>> theirs
