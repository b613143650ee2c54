ﬁne = 1  #> fine: local variable 1
fine += 1  #> fine: local variable 1
naïve = "日本", ﬁne  #> naïve: local variable 3; fine: local variable 1
ｘ = x = 2  #> x: local variable 4
def ｆ(ａ): return a  #> a: local parameter 5; f: local function 5
print("é", naïve, f"é{naïve}ü{x}")  #> naïve: local variable 3; x: local variable 4
