# -*- coding: latin-1 -*-
é = "ÿ"; ü = é  #> é: local variable 2; ü: local variable 2
print(é, f"ÿ{ü}")  #> é: local variable 2; ü: local variable 2
