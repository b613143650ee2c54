import plugins
from plugins import csv_plugin, xml_plugin

for name in ("csv", "xml"):
    plugins.get(name).convert()
