from engine import boot

boot()
