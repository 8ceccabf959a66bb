"""What a model operator's process takes from its environment: address and key of the endpoint. Read once, kept from everybody."""

import time
from collections.abc import Mapping
from functools import partial

import anyio

from agents.operator.model.endpoint import Endpoint
from agents.operator.model.loop import Host
from agents.operator.service import model_operator, run_model
from bus.host import HostingError
from bus.scenario import OperatorSection
from bus.service import Service

URL_VARIABLE, KEY_VARIABLE = "OPENAI_BASE_URL", "OPENAI_API_KEY"
DEFAULT_URL = "https://api.openai.com/v1"

HOST = Host(pause=anyio.sleep, wall=time.monotonic)  # noqa: TID251 (an endpoint is waited for in real time)


class NoEndpoint(HostingError):
    """The environment names no endpoint; the text is one line for people."""


def endpoint_of(model: str, section: OperatorSection, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint of a model. `NoEndpoint` without a key; local servers take any."""
    key = environment.get(KEY_VARIABLE, "")
    if not key:
        raise NoEndpoint(f"set {KEY_VARIABLE} (and {URL_VARIABLE}, if the model is not at {DEFAULT_URL})")
    url = environment.get(URL_VARIABLE) or DEFAULT_URL
    return Endpoint(url, key, model, section.answer_seconds, tokens=section.tokens == "vllm")


def hosted(model: str, section: OperatorSection, environment: Mapping[str, str]) -> Service:
    """The operator's service with a model at the endpoint that the environment names."""
    return model_operator(partial(run_model, endpoint=endpoint_of(model, section, environment), machine=HOST))
