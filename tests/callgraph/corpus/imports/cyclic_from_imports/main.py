from shop.order import Order

Order("book").total()
