from models import User
import models

User("ann").save()
admin = models.Admin("bob")
admin.save()
