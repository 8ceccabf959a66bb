"""A world's settings, as every service reads them. Loading and checking TOML is `services/world/loading.py`.

One frozen section per service. Constants carry their unit, and their source with its grade: A primary, B industry report
or list price, C vendor or folklore.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bus.messages.base import Part
from bus.messages.users import Segment
from bus.money import MICROS_PER_DOLLAR, Micros

Share = Annotated[float, Field(ge=0, le=1)]
MOST_SEATS = 500
"""What a customer can buy (`billing.MOST_SEATS` of the tracker)."""
Seats = Annotated[int, Field(ge=1, le=MOST_SEATS)]


class WorldSection(Part):
    """The episode itself."""

    name: str
    title: str = ""
    product: str = "tracker"
    """Folder under `saas_clone/`."""
    days: Annotated[int, Field(ge=1, le=3650)] = 14
    start: datetime
    """The calendar's first moment, aware, UTC."""
    defects: Annotated[int, Field(ge=0)] = 6
    """How many of the catalog's defects are planted, drawn by seed."""
    only_defects: tuple[str, ...] = ()
    """If given, exactly these are planted instead."""
    tick_minutes: Literal[60] = 60


class ClockSection(Part):
    """How time passes."""

    mode: Literal["lockstep", "live"] = "lockstep"
    rate: Annotated[float, Field(gt=0)] = 600.0
    """Live: simulated seconds for each second."""
    barrier_seconds: Annotated[float, Field(gt=0)] = 300.0
    """Real seconds after which a silent participant voids the episode."""
    operator_seconds: Annotated[float, Field(gt=0)] = 86_400.0
    """The same for the operator's phase, which lasts as long as a model, a foreign agent or a person thinks."""


class SegmentSection(Part):
    """One kind of customer."""

    share: Share
    """Of the customers."""
    seats: tuple[Seats, Seats]
    """Smallest and largest number of users."""
    plan: str
    base_value: Micros
    """What a working seat is worth to the customer in a month."""
    monthly_churn: Share
    """Ordinary: solo and small 3-7 %, mid 1.5-4 % (knowledgelib.io, rekko.io; C)."""
    patience: Annotated[float, Field(gt=0)]
    """Monthly pain, as a share of a month's price, that it bears before it leaves at once."""


class UsersSection(Part):
    """The market."""

    customers: Annotated[int, Field(ge=1)] = 240
    panel: Annotated[int, Field(ge=1)] | Literal["all"] = 64
    """Customers whose sessions run for real."""
    agents: Annotated[int, Field(ge=1)] = 8
    segments: dict[Segment, SegmentSection]
    sessions_per_user_day: Annotated[float, Field(gt=0)] = 1.5
    """On a working day (assumed; C)."""
    executed_sessions_per_day: Annotated[int, Field(ge=1)] = 96
    """How many sessions of the panel run over HTTP each day; the rest follow their outcomes."""
    tickets_per_customer_month: Share = 0.35
    """Ordinary questions, without any pain: 0.2-0.5 for a simple tool (corebee.ai, gaspwiki; C)."""
    ticket_people: Annotated[int, Field(ge=1)] | None = None
    """People of a customer whose work waits for the answer to a ticket, at most; by default everybody, as in a small team.
    Of a large company a team waits, not the whole (assumed; C)."""
    joins_per_month: Annotated[float, Field(ge=0)] = 0.06
    """Of the customer base, at full reputation: Bass p about 0.03 a year plus imitation (Sultan et al. 1990; C)."""
    history_tasks: Annotated[int, Field(ge=0)] = 60_000
    """Things in the database when the episode begins, over all customers: tasks, invoices, whatever the product keeps."""
    inherited_tickets: Annotated[int, Field(ge=0)] = 6
    """Open when the episode begins; some of them are about double charges."""
    wishes: Annotated[int, Field(ge=0)] | tuple[str, ...] = 0
    """Requests of the product's catalog that its customers would have built: how many, and the seed draws which; or exactly
    these. Predecessors come first, and nobody asks for what builds on something that is not there."""
    wish_scale: Annotated[float, Field(gt=0)] = 1.0
    """What wishes are worth here and contracts pay, as a multiple of the catalog's figures, which are set for companies of the
    `default` scenario, of up to two dozen people: what saves each person time is worth more to more people (assumed; C)."""
    contract_months: Annotated[float, Field(ge=0)] = 0.0
    """Large companies pay for what is built for them: so many months of a request's value, once, by a customer of the business
    segment for whom it works, where the catalog names no contract sum (its own are 20 to 46 months; assumed, C)."""
    inherited_quality: Share = 1.0
    """Mean success of the customers' sessions in the month before, which they and the market remember."""
    inherited_pain: Annotated[float, Field(ge=0)] = 0.0
    """Mean pain of the month before that they still feel, as a share of a month's price."""
    voices: Literal["grammar", "llm"] = "grammar"
    """Who words what customers write: a seeded grammar, or with `llm` a model rewords its letters (environment:
    `OPENAI_BASE_URL`, `OPENAI_API_KEY`). Words only: no state, outcome or money depends on it."""
    voices_model: str = "gpt-4o-mini"
    """The name under which the endpoint knows the model."""
    in_flight: Annotated[int, Field(ge=1, le=64)] = 2
    """Customers whose sessions run at the same time; no outcome depends on it."""


class AttackersSection(Part):
    """Who probes the product."""

    guessers: Annotated[int, Field(ge=0)] = 1
    readers: Annotated[int, Field(ge=0)] = 1
    """Ordinary customers that try other tenants' ids."""
    sprayers: Annotated[int, Field(ge=0)] = 0
    """Guessers who try a few passwords on each account, below what a product counts for one: no code keeps them out."""
    attempts_per_day: Annotated[float, Field(ge=0)] = 4.0


class CloudSection(Part):
    """Hosting: sizes, prices and delays."""

    deploy_minutes: Annotated[int, Field(ge=1)] = 6
    restart_minutes: Annotated[int, Field(ge=1)] = 2
    machine_days: Annotated[float, Field(gt=0)] = 75.0
    """Mean days between two failures of the machine below an instance (Barroso, Clidaras and Hölzle, The Datacenter as a
    Computer, 2013, section 7.3, as remembered: two and a half months; it could not be looked up; C)."""
    instance_hour: dict[Literal["small", "medium", "large"], Micros] = {
        "small": Micros(90_000),
        "medium": Micros(180_000),
        "large": Micros(360_000),
    }
    """Scaled so that the inherited product costs 15-20 % of revenue (MEASURED.md section 5)."""
    watched_month: Micros = Micros(0)
    """What watching one instance costs in a month; 0 where the instance's price has it. Datadog's Infrastructure Pro lists 15
    dollars a host (as remembered; C)."""
    instance_share: Annotated[float, Field(gt=0)] = 1 / 40
    """A small instance as a share of the reference core."""
    load_scale: Annotated[float, Field(gt=0)] = 1.0
    """How many people's load each simulated user brings to the queue model: a small world stands for a larger company, so
    that it needs a handful of instances at its peak and capacity is worth thinking about."""
    instance_memory_mb: dict[Literal["small", "medium", "large"], int] = {"small": 512, "medium": 1024, "large": 2048}
    database_hour: dict[Literal["basic", "standard"], Micros] = {"basic": Micros(72_000), "standard": Micros(178_000)}
    """RDS db.t3.medium and db.m5.large, single zone (public tables; B)."""
    storage_gb_month: Micros = Micros(115_000)
    """RDS storage (public tables; B)."""
    egress_gb: Micros = Micros(90_000)
    """Common list price (B)."""


class CreditStep(Part):
    """One step of a service level agreement."""

    below: Share
    """Availability of a day below which it applies."""
    percent: Annotated[int, Field(ge=0, le=100)]
    """Of that day's revenue, given back."""


COMMON_AGREEMENT = (
    CreditStep(below=0.999, percent=10),
    CreditStep(below=0.99, percent=30),
    CreditStep(below=0.95, percent=100),
)
"""What customers may expect without a contract (assumed, after common service level agreements; C)."""


class BillingSection(Part):
    """Prices and the company's other money."""

    price_per_seat: dict[str, Micros] = {
        "starter": Micros(8 * MICROS_PER_DOLLAR),
        "team": Micros(12 * MICROS_PER_DOLLAR),
        "business": Micros(20 * MICROS_PER_DOLLAR),
    }
    opening_cash: Micros = Micros(30_000 * MICROS_PER_DOLLAR)
    fixed_cost_month: Micros = Micros(9_000 * MICROS_PER_DOLLAR)
    fixed_cost_percent: Annotated[int, Field(ge=0, le=1000)] = 0
    """Of the monthly revenue with which the company begins, a month, besides `fixed_cost_month`: a company has the people that
    its customers pay for, so that worlds of lucky and of unlucky seeds begin equally near to a loss (assumed; C)."""
    payment_fee_share: Share = 0.029
    payment_fee: Micros = Micros(300_000)
    """2.9 % and $0.30: common list price of card processors (B)."""
    chargeback_fee: Micros = Micros(15 * MICROS_PER_DOLLAR)
    """Common list price (B)."""
    breach_per_record: Micros = Micros(160 * MICROS_PER_DOLLAR)
    """About $160 a record (IBM 2025; C)."""
    breach_cap: Micros = Micros(4_000 * MICROS_PER_DOLLAR)
    """Most that one victim's breach costs in damages (assumed; C)."""
    acquisition: Micros = Micros(60 * MICROS_PER_DOLLAR)
    """Marketing per new customer (assumed; C)."""
    token_price: Micros = Micros(10_000)
    """Per thousand tokens of the operator."""
    agreements: dict[str, tuple[CreditStep, ...]] | None = None
    """Service credits by plan, as contracts say; plans that are not named have none. Without any: the common ones for all."""
    timeouts_count: bool = False
    """Contracts count requests that gave up as time of outage, too."""
    price_notice_days: Annotated[int, Field(ge=0)] = 30
    """Between saying that something becomes dearer and its being so; what becomes cheaper needs no notice."""
    tail_days: Annotated[int, Field(ge=0)] = 30
    """Virtual tail over which the closing settlement books what is owed."""


class DeskSection(Part):
    answer_target_hours: Annotated[float, Field(gt=0)] = 6.0
    """First response: B2B e-mail target 4-6 h (gaspwiki; C)."""


class OperatorSection(Part):
    """What the operator's acts cost in simulated time, and how much of everything a model may use."""

    seconds_per_call: Annotated[int, Field(ge=0)] = 60
    seconds_per_thousand_tokens: Annotated[int, Field(ge=0)] = 20
    """50 tokens a second, the usual speed of hosted models (assumed; C)."""
    context_tokens: Annotated[int, Field(ge=16_000, le=200_000)] = 100_000
    """Tokens of one call, the answer included: below the window of any hosted model of 2026 (C)."""
    reply_tokens: Annotated[int, Field(ge=256)] = 8_000
    """Tokens of one answer at most."""
    budget_tokens: Annotated[int, Field(ge=0)] | None = None
    """For the whole episode, prompts and answers together; None: as many as the company can pay."""
    budget_money: Annotated[Micros, Field(ge=0)] | None = None
    """The same in money, at `billing.token_price`."""
    budget_thinking_hours: Annotated[float, Field(ge=0)] | None = None
    """The same in simulated hours that tokens take."""
    answer_seconds: Annotated[float, Field(gt=0)] = 3_600.0
    """Real seconds for one answer of the endpoint: clients' default of 600 ends the longest ones (prime-rl #3227)."""
    outage_seconds: Annotated[float, Field(gt=0)] = 1_800.0
    """Real seconds that an endpoint may be away before the episode is void."""
    tokens: Literal["none", "vllm"] = "none"
    """Whether a model's endpoint is asked for token ids and log-probabilities, as vLLM gives them. They are for the record of
    the conversation only: no state, outcome or money depends on it."""


class Scenario(Part):
    """One world, whole."""

    world: WorldSection
    clock: ClockSection = ClockSection()
    users: UsersSection
    attackers: AttackersSection = AttackersSection()
    cloud: CloudSection = CloudSection()
    billing: BillingSection = BillingSection()
    desk: DeskSection = DeskSection()
    operator: OperatorSection = OperatorSection()

    @property
    def ticks(self) -> int:
        """Ticks until the horizon."""
        return self.world.days * 24
