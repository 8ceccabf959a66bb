"""The market of some user agents, tick by tick: who leaves, who works, what came of it, who joins, who writes.

Pure but for its own state: HTTP is the caller's. `open_tick` decides and plans, the caller runs the planned sessions,
`close_tick` draws the consequences. What concerns the whole market (reputation, measured failures, joins) comes in by
`learn`, an hour old, so that it makes no difference among how many shards the agents are shared out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from agents.users import activity, choices, decisions, lots, reports
from agents.users.accounts import Account
from agents.users.activity import Sessions
from agents.users.constants import PAIN_KINDS, Tuning, draw_tuning
from agents.users.experience import hurt, live_through
from agents.users.growth import Standing, begin
from agents.users.journeys import Journey, Outcome
from agents.users.merge import LivedPart, Said, Section
from agents.users.newcomers import Door, Newcomer, admit
from agents.users.nonces import tag_of
from agents.users.outcomes import FINE, Conditions, Pool, conditions, draw_outcomes
from agents.users.population.columns import Floats, Longs, Population
from agents.users.population.draw import draw, part_of
from agents.users.products.interface import Product
from agents.users.requests import Trials, Wanted
from agents.users.sampling import make_design, strata
from agents.users.sessions import Assignment
from agents.users.support import Support
from agents.users.tickets import Ticket
from agents.users.voices.letters import Ask
from agents.users.wants import Works
from bus.chance import Chance
from bus.messages.attackers import AttemptEnded
from bus.messages.base import Event
from bus.messages.billing import PlansChanged, SubscriptionChanged
from bus.messages.cloud import ReleaseLive, ServiceMeasured
from bus.messages.users import (
    ContractMet,
    CustomerChanged,
    CustomerChurned,
    CustomerJoined,
    MarketMoved,
    RequestTried,
)
from bus.money import Micros
from bus.scenario import Scenario
from bus.simtime import HOUR, SimTime, calendar, day_of

_LOOKS = 1_000_000
"""Ordinals of second looks at tickets: after a customer's ordinary sessions."""
_TRIES = 2_000_000
"""Ordinals of looks for what somebody wished for: after those."""
_WRITES = 6
"""Number of the draw, of a session's key, that makes somebody write to support."""


@dataclass
class TickPlan:
    """What is to be run for real in a tick, and what it is for."""

    tick: int
    now: SimTime
    sessions: Sessions
    state: Conditions
    assignments: list[Assignment]
    places: dict[tuple[str, int], int]
    """By customer and ordinal: positions of the executed sessions."""
    looks: dict[tuple[str, int], Ticket]
    """By customer and ordinal: second looks that are run for real."""
    tries: dict[tuple[str, int], Wanted]
    """By customer and ordinal: requests that are tried."""
    drawn_looks: list[Ticket]
    """Second looks of customers that are not executed."""
    newcomers: list[Newcomer]
    said: list[Said]


@dataclass
class Market:
    """Everything that one shard of the users knows."""

    scenario: Scenario
    chance: Chance
    product: Product
    shard: int = 0
    shards: int = 1
    wanted: tuple[Wanted, ...] = ()
    """Requests that customers would have built."""
    works: Works = field(init=False)

    def __post_init__(self) -> None:
        self.tuning: Tuning = draw_tuning(self.chance)
        wishes = tuple(one.wish for one in self.wanted)
        self.works = Works(wishes)
        self.journeys: tuple[Journey, ...] = (*self.product.journeys, self.product.sign_up)
        self._places = {one.name: place for place, one in enumerate(self.journeys)}
        world = draw(self.scenario, self.chance, wishes)
        self.trials = Trials(self.wanted, self.works, world, self.chance)
        self.mix = activity.journey_mix(world.agents, self.journeys)
        self._design_sample(world)
        self.tags = {tag_of(customer) for customer in world.customers.ident}
        agents = len(world.agents)
        bounds = (self.shard * agents // self.shards, (self.shard + 1) * agents // self.shards)
        self.population: Population = world if self.shards == 1 else part_of(world, *bounds)
        self._codes = {agent.ident: code for code, agent in enumerate(world.agents)}
        self.support = Support(self.scenario, self.population, self.tuning, self.chance, self.product, self._wishes)
        self.door = Door(self.scenario, self.tuning, self.chance, wishes, np.zeros(agents, np.int64))
        self.standing = begin(self.scenario)
        self.accounts: dict[int, Account] = {
            int(row): self.product.account(self.scenario.world.start, self.population, int(row), self.chance)
            for row in np.flatnonzero(self.population.customers.panel)
        }
        prices = self.scenario.billing.price_per_seat
        self._at_start: Longs = np.array([prices[plan] for plan in self.population.customers.plans], np.int64)
        self._listed = self._at_start.copy()
        self._measured: ServiceMeasured | None = None
        self._coming_prices: list[PlansChanged] = []

    def inherited(self) -> list[Said]:
        """What the company takes over: customers, and tickets that wait."""
        return [
            *self._said(Section.INHERITED, reports.inherited(self.population)),
            *self._said(Section.WAITING, self.support.inherited()),
        ]

    def learn(self, event: Event, now: SimTime) -> None:
        """Take in what the whole market said in the last hour."""
        self.trials.learn(event, now)
        if isinstance(event, CustomerJoined):
            self.tags.add(tag_of(event.customer))
        elif isinstance(event, MarketMoved):
            self.standing = Standing(event.alive, event.heard, event.reputation)
            for row in zip(event.journey, event.stratum, event.outcome, event.sessions, strict=True):
                self.pool.observe(*row)

    def hear(self, event: Event, at: SimTime) -> list[Event]:
        """Take in what others said; sometimes there is an answer at once."""
        if isinstance(event, ServiceMeasured):
            self._measured = event
        elif isinstance(event, ReleaseLive):
            self.pool.new_release()
            self.support.released_at = at
            self.trials.released(at)
        elif isinstance(event, PlansChanged):
            self._coming_prices.append(event)
        elif isinstance(event, AttemptEnded) and event.outcome == "succeeded" and event.victim is not None:
            row = self.population.row_of.get(event.victim)
            if row is not None and event.records:
                hurt(self.population, row, "foreign_item", 1.0, self.tuning)
        elif isinstance(event, SubscriptionChanged) and event.state == "unpaid":
            row = self.population.row_of.get(event.customer)
            return self._leave(decisions.Leaving(row, "payment_failed")) if row is not None else []
        return self.support.hear(event, at)

    def open_tick(self, tick: int, now: SimTime) -> TickPlan:
        """Decide what the hour brings: who leaves or changes, who works, and what of it runs for real."""
        population, tuning = self.population, self.tuning
        population.hour = now / HOUR
        self.trials.pass_time(now)
        self._prices(now)
        rows = decisions.deciding(population, now)
        population.customers.content[rows] = population.satisfaction(rows)
        days = lots.stream(self.chance, "users", "decisions", day_of(now))
        left: list[Event] = []
        for one in decisions.leaving(population, self.scenario, self._coming(), self.works, now, tuning, days):
            left += self._leave(one)
        changes = choices.changes(population, now, self._listed, self._at_start, tuning, days)
        said = self._said(Section.LEFT, left)
        said += self._said(Section.CHANGED, [self._change(one) for one in changes])
        return self._plan(tick, now, said)

    def close_tick(self, plan: TickPlan, outcomes: Sequence[Outcome]) -> LivedPart:
        """Draw the consequences of an hour."""
        population, said = self.population, plan.said
        by_key = {(one.customer, one.ordinal): one for one in outcomes}
        known = self._known(plan, by_key)
        kinds = draw_outcomes(plan.sessions, self.pool.shares(), plan.state.outage, known)
        hurts = live_through(population, plan.sessions, kinds, plan.state, self.tuning)
        said += self._said(Section.PAIN, reports.pain(population, plan.sessions, by_key, hurts))
        said += self._said(Section.COMPLAINED, self._complain(plan, kinds, by_key))
        said += self._said(Section.LOOKED, self._look(plan, by_key))
        days = lots.stream(self.chance, "users", "support", day_of(plan.now))
        asking = decisions.deciding(population, plan.now)
        said += self._said(Section.ASKED, self.support.ordinary(asking, days, plan.now))
        said += self._said(Section.WENT_ON, self.support.go_on(plan.now))
        said += self._said(Section.JOINED, self._join(plan, by_key))
        said += self._said(Section.TRIED, self._tried(plan, by_key))
        said += self._said(Section.SHARED, reports.shared(population, outcomes))
        names = [one.name for one in self.journeys]
        worked = reports.worked(population, plan.tick, plan.sessions, kinds, list(known), hurts, names)
        return self._part(plan, known, said, worked)

    def _design_sample(self, world: Population) -> None:
        """The sample's design, for the whole world, and the pool of what it shows."""
        users, customers = self.scenario.users, world.customers
        shares = self.mix.shares(customers, np.arange(len(customers)))
        budget = None if users.panel == "all" else float(users.executed_sessions_per_day)
        self.design = make_design(customers, shares, strata(len(customers.plans)), budget)
        daily = float(users.executed_sessions_per_day)
        self.pool = Pool(self.design.weight, self.tuning.prior_sessions, daily)

    def _plan(self, tick: int, now: SimTime, said: list[Said]) -> TickPlan:
        moment = calendar(self.scenario.world.start, now)
        customers = self.population.customers
        sessions = activity.offered(
            self.population, self.mix, moment, lots.stream(self.chance, "users", "sessions", tick)
        )
        secret = lots.stream(self.chance, "users", "secret sessions", tick)
        chosen = self.design.selected(sessions, customers.panel[sessions.customer], self.pool.burst, secret)
        assignments: list[Assignment] = []
        places: dict[tuple[str, int], int] = {}
        for place in chosen:
            account, ordinal = self.accounts[int(sessions.customer[place])], int(sessions.ordinal[place])
            assignments.append(Assignment(account, ordinal, self.journeys[int(sessions.journey[place])]))
            places[account.customer, ordinal] = int(place)
        looks, drawn = self._looks(now, assignments)
        newcomers = self.door.arrive(self.population, self.standing, self._listed, tick)
        assignments += [
            Assignment(one.account, 0, self.product.sign_up) for one in newcomers if one.account is not None
        ]
        tries = self._tries(now, assignments)
        state = conditions(self._measured, self.journeys, self.tuning)
        return TickPlan(tick, now, sessions, state, assignments, places, looks, tries, drawn, newcomers, said)

    def _looks(self, now: SimTime, assignments: list[Assignment]) -> tuple[dict[tuple[str, int], Ticket], list[Ticket]]:
        """Second looks at what tickets are about: the panel's are added to the assignments, the others returned."""
        executed: dict[tuple[str, int], Ticket] = {}
        drawn: list[Ticket] = []
        taken: dict[int, int] = {}
        for ticket in self.support.looking(now):
            account = self.accounts.get(ticket.row)
            if account is None or ticket.kind in ("slow", "outage"):
                drawn.append(ticket)
            else:
                ordinal = _LOOKS + taken.setdefault(ticket.row, 0)
                taken[ticket.row] += 1
                executed[account.customer, ordinal] = ticket
                assignments.append(Assignment(account, ordinal, self.journeys[self._places[ticket.journey]]))
        return executed, drawn

    def _tries(self, now: SimTime, assignments: list[Assignment]) -> dict[tuple[str, int], Wanted]:
        """Requests that customers of ours look for now; their sessions are added to the assignments."""
        tries: dict[tuple[str, int], Wanted] = {}
        for place, (one, customer) in enumerate(self.trials.due(now)):
            row = self.population.row_of.get(customer)
            if row is not None and row in self.accounts:
                tries[customer, _TRIES + place] = one
                assignments.append(Assignment(self.accounts[row], _TRIES + place, one.journey))
        return tries

    def _tried(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> list[Event]:
        events: list[Event] = []
        for key, one in plan.tries.items():
            customer, works = key[0], by_key[key].failure is None
            agent = self._agent(self.population.row_of[customer])
            events.append(RequestTried(agent=agent, customer=customer, request=one.name, works=works))
            amount = self.trials.agreed(one, customer) if works else Micros(0)
            if amount:
                events.append(ContractMet(agent=agent, customer=customer, request=one.name, amount=amount))
        return events

    def _wishes(self, row: int) -> Sequence[Ask]:
        """What a customer may ask for: of a world without requests, what people ask for in general."""
        return self.trials.askable(self.population.customers.wants[row]) if self.wanted else self.product.wishes

    def _known(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> dict[int, int]:
        """Outcome codes of the executed sessions by their position."""
        return {place: _code(by_key[key]) for key, place in plan.places.items()}

    def _complain(
        self, plan: TickPlan, kinds: NDArray[np.int32], by_key: dict[tuple[str, int], Outcome]
    ) -> list[Event]:
        """Who of those whose session failed or was slow writes to support."""
        sessions, customers = plan.sessions, self.population.customers
        wrong, slow = kinds != FINE, plan.state.seconds > 1
        unhappy = np.flatnonzero(wrong | slow[sessions.journey] if slow.any() else wrong)
        likely = self.tuning.ticket_after_pain * customers.writes[sessions.customer[unhappy]]
        likely[kinds[unhappy] == PAIN_KINDS.index("foreign_item")] = self.tuning.ticket_security
        events: list[Event] = []
        for place in unhappy[lots.uniform(sessions.key[unhappy], _WRITES) < likely]:
            row, journey = int(sessions.customer[place]), self.journeys[int(sessions.journey[place])]
            key = (customers.ident[row], int(sessions.ordinal[place]))
            outcome = by_key.get(key)
            kind = PAIN_KINDS[int(kinds[place])] if kinds[place] != FINE else "slow"
            failure = outcome.failure if outcome and kinds[place] != FINE else None
            events += self.support.complain(row, journey, kind, failure, plan.now)
        return events

    def _look(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> list[Event]:
        """What comes of second looks. Where none ran for real, the same person finds the same in the same release."""
        events: list[Event] = []
        for key, ticket in plan.looks.items():
            events += self.support.looked(ticket, by_key[key].failure is None, plan.now)
        for ticket in plan.drawn_looks:
            place = self._places[ticket.journey]
            stratum = int(self.population.customers.stratum[ticket.row])
            fails = max(float(self.pool.shares()[place, stratum].sum()), float(plan.state.outage[place]))
            if ticket.kind == "slow":
                fails = float(plan.state.seconds[place] > 1)
            luck = self.chance.python("users", "look", self.support.released_at, ticket.ident).random()
            events += self.support.looked(ticket, luck >= fails, plan.now)
        return events

    def _join(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> list[Event]:
        lost = self.pool.shares()[-1].sum(axis=1)
        staying: list[Newcomer] = []
        for one in plan.newcomers:
            if one.account is not None:
                works = by_key[one.customer, 0].failure is None
            else:
                fails = max(float(lost[one.customers.stratum[0]]), float(plan.state.outage[-1]))
                works = self.chance.python("users", "trial", one.customer).random() >= fails
            if works:
                staying.append(one)
        events: list[Event] = []
        for row, one in zip(admit(self.population, staying, plan.now), staying, strict=True):
            self.tags.add(tag_of(one.customer))
            if one.account is not None:
                self.accounts[row] = one.account
            events.append(reports.joined(self.population, row))
        return events

    def _part(self, plan: TickPlan, known: dict[int, int], said: list[Said], worked: reports.Worked) -> LivedPart:
        """What the whole market must know of this part."""
        customers = self.population.customers
        counts = np.bincount(plan.sessions.journey, minlength=len(self.journeys))
        counts[-1] += len(plan.newcomers)
        observed: dict[tuple[int, int, int], int] = {}
        for place, kind in known.items():
            cell = (int(plan.sessions.journey[place]), int(plan.sessions.stratum[place]), kind)
            observed[cell] = observed.get(cell, 0) + 1
        content = np.rint(customers.content[customers.alive].astype(np.float64) * 1_000_000)
        return LivedPart(
            said=said,
            sessions=tuple(int(count) for count in counts),
            alive=int(customers.alive.sum()),
            content=int(content.sum()),
            observed=tuple((*cell, count) for cell, count in sorted(observed.items())),
            worked=worked,
        )

    def _leave(self, one: decisions.Leaving) -> list[Event]:
        customers = self.population.customers
        if not customers.alive[one.row]:
            return []
        customers.alive[one.row] = False
        gone = CustomerChurned(agent=self._agent(one.row), customer=customers.ident[one.row], reason=one.reason)
        return [gone, *self.support.left(one.row)]

    def _change(self, one: choices.Change) -> CustomerChanged:
        customers = self.population.customers
        if one.plan_code == customers.plan_code[one.row]:
            seat = int(customers.price[one.row]) // int(customers.seats[one.row])
        else:
            seat = int(self._listed[one.plan_code])
            customers.reference[one.row] = seat
        customers.price[one.row] = seat * one.seats
        customers.seats[one.row] = one.seats
        customers.plan_code[one.row] = one.plan_code
        return CustomerChanged(
            agent=self._agent(one.row),
            customer=customers.ident[one.row],
            plan=customers.plan[one.row],
            seats=one.seats,
        )

    def _prices(self, now: SimTime) -> None:
        """New list prices reach everybody when they take effect."""
        customers = self.population.customers
        for event in [each for each in self._coming_prices if each.effective_at <= now]:
            self._coming_prices.remove(event)
            for code, plan in enumerate(customers.plans):
                if plan in event.price_per_seat:
                    self._listed[code] = event.price_per_seat[plan]
                    rows = customers.plan_code == code
                    customers.price[rows] = self._listed[code] * customers.seats[rows]

    def _coming(self) -> Floats:
        """By plan code the dearest announced price of a seat, or 0."""
        coming = np.zeros(len(self._listed), np.float32)
        for code, plan in enumerate(self.population.customers.plans):
            coming[code] = max([0.0, *(event.price_per_seat.get(plan, 0) for event in self._coming_prices)])
        return coming

    def _said(self, section: Section, events: Sequence[Event]) -> list[Said]:
        """Events in their place: within a section by user agent, so that shards can be put together again."""
        return [Said(section, self._codes[cast("CustomerJoined", event).agent], event) for event in events]

    def _agent(self, row: int) -> str:
        return self.population.agents[int(self.population.customers.agent[row])].ident


def _code(outcome: Outcome) -> int:
    return FINE if outcome.failure is None else PAIN_KINDS.index(outcome.failure.kind)
