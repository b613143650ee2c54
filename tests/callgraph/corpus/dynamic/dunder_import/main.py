plugin = __import__("plugin")
plugin.run()
