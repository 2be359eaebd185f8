"""What a call asks of IAM: its actions, the resources that they are authorised on, what AWS requires beside them.

Pure tables and functions, without moto and boto3. The decision itself is ``avm.domain.policy``'s.
"""

from avm_emulator.policy.demands import Demand, demands_of
from avm_emulator.policy.place import Place

__all__ = ["Demand", "Place", "demands_of"]
