"""What functions behind API Gateway have in common: how they answer what goes wrong."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from avm.domain.errors import UnexpectedError, VendingError
from avm.runtime.http import no_such_call, problem_of
from avm.runtime.observability import logger


def rest_api() -> APIGatewayRestResolver:
    """Return a resolver that has no routes yet, and answers every error with a problem document."""
    app = APIGatewayRestResolver()

    @app.not_found
    def unknown_call(_: NotFoundError) -> Response[str]:
        """Answer a path or method that the API does not have."""
        return no_such_call(app.current_event)

    @app.exception_handler(VendingError)  # type: ignore[untyped-decorator]  # Powertools gives it no types
    def known_problem(error: VendingError) -> Response[str]:
        """Answer what the domain has refused."""
        logger.info("answered with %s: %s", error.code, error)
        return problem_of(error, app.current_event.request_context.request_id)

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]  # Powertools gives it no types
    def defect(error: Exception) -> Response[str]:
        """Answer a defect without its insides; the log has them under the request's id."""
        logger.exception("defect: %s", type(error).__name__)
        return problem_of(UnexpectedError("the API failed"), app.current_event.request_context.request_id)

    return app
