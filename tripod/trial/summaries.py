"""k6's summaries as they travel from a load host's module: gzip in base64."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from typing import Any


def k6_summary(said: Mapping[str, Any], phase: str) -> bytes | None:
    """Return what k6 summed up of a phase (`warmup`, `measure`), as it wrote it; None if it wrote nothing.

    Args:
        said: what the load host's module returned.
        phase: which of its k6 processes.

    """
    compressed = compressed_k6_summary(said, phase)
    return gzip.decompress(compressed) if compressed else None


def compressed_k6_summary(said: Mapping[str, Any], phase: str) -> bytes | None:
    """Return the same as it is kept: compressed by gzip."""
    packed = said.get("summaries", {}).get(phase)
    return base64.b64decode(packed) if packed else None
