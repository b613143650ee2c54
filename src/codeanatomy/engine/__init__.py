"""The only room that knows DataFusion: sessions, lineage, execution, span kernels.

Whoever enters keeps PyArrow from loading pandas: DataFusion's own import would make it.
"""

from codeanatomy.engine.arrow import without_pandas

without_pandas()
