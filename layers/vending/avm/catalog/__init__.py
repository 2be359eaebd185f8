"""The catalog folder: read, checked as a whole, and turned into ``avm.domain.catalog.Catalog``."""

from avm.catalog.loader import load_built_catalog, load_catalog
from avm.domain.errors import CatalogInvalid

__all__ = ["CatalogInvalid", "load_built_catalog", "load_catalog"]
