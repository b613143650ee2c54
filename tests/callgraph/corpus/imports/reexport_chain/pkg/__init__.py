from pkg.middle import tool
