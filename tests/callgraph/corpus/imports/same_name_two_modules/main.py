import alpha
import beta

alpha.run()
beta.run()
