from kit.parse import parse
