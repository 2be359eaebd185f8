"""Deploys SAM and CloudFormation templates into the emulator, by plain API calls.

moto's own CloudFormation knows too few types and skips the others silently (facts/local-emulator.md, section 5).
"""

from avm_emulator.deploy.deployment import DeployedStack, access_role, deploy
from avm_emulator.deploy.errors import DeployError, ResourceError, TemplateError

__all__ = ["DeployError", "DeployedStack", "ResourceError", "TemplateError", "access_role", "deploy"]
