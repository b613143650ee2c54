# coding: shift_jis
文字 = "表示"; 値 = 文字  #> 文字: local variable 2; 値: local variable 2
