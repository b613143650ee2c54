"""Where the ticks of a world are kept: one contract, several stores."""
