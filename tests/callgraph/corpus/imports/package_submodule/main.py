import shop.cart.items
from shop import cart

shop.cart.items.count()
cart.total()
