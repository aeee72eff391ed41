"""The rows for everything that is not a sliding window: activations, linear, dropout, batch norm, losses."""

from tests.operations import Operation

OPERATIONS: list[Operation] = []
