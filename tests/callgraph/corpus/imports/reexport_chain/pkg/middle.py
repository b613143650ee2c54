from pkg.low import implement as tool
