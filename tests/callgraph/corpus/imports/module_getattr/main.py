import lazy

lazy.anything()
