"""The only room that knows DataFusion: sessions, lineage, execution, span kernels."""
