import helper

helper.assist()
