"""What every request may use."""

from dataclasses import dataclass, field

from aiohttp import web
from jinja2 import Environment

from tracker.attachments import FileStore
from tracker.database import Database
from tracker.egress import Egress
from tracker.mail import Mail
from tracker.metrics import Metrics
from tracker.passwords import Passwords
from tracker.rates import Rates
from tracker.settings import Settings
from tracker.templating import environment


@dataclass
class Services:
    """One set per process, made from the settings."""

    settings: Settings
    database: Database
    passwords: Passwords
    files: FileStore
    mail: Mail
    egress: Egress
    rates: Rates
    metrics: Metrics = field(default_factory=Metrics)
    templates: Environment = field(default_factory=environment)

    @classmethod
    def start(cls, settings: Settings) -> "Services":
        """Prepare everything; connections are opened when first used."""
        return cls(
            settings=settings,
            database=Database(settings.database_url),
            passwords=Passwords(settings.argon2),
            files=FileStore(settings.data),
            mail=Mail(settings.mail_folder, settings.public_address, settings.secret),
            egress=Egress(settings.egress),
            rates=Rates(settings.api_requests_per_minute),
        )


SERVICES = web.AppKey("services", Services)
