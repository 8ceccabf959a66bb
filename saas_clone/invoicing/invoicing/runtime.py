"""What every request and every job may use: one set per process."""

from dataclasses import dataclass, field

from aiohttp import web
from jinja2 import Environment

from invoicing.metrics import Metrics
from invoicing.security import Passwords, Signer
from invoicing.settings import Settings
from invoicing.storage import Storage
from invoicing.templating import environment


@dataclass
class Runtime:
    """Made from the settings; connections are opened when they are first used."""

    settings: Settings
    storage: Storage
    passwords: Passwords
    signer: Signer
    metrics: Metrics = field(default_factory=Metrics)
    templates: Environment = field(default_factory=environment)

    @classmethod
    def start(cls, settings: Settings) -> "Runtime":
        """Prepare everything."""
        return cls(settings, Storage(settings.database_url), Passwords(settings.argon2_cost), Signer(settings.secret))


RUNTIME = web.AppKey("runtime", Runtime)
