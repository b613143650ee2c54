from shop.order import Order
from shop.pricing import price

Order("book").total()
price(None)
