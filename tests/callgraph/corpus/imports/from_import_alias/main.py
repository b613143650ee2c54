from helper import assist as help_me
import helper as h

help_me()
h.other()
