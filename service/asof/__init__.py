"""As of: resolve a basis once; answer every reading from the read model at that basis."""

from service.asof.basis import REPRESENTATION, Asked, AsOf, Basis

__all__ = ["REPRESENTATION", "AsOf", "Asked", "Basis"]
