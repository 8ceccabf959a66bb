"""One world's market, tick by tick: who leaves, who works, what came of it, who joins, who writes.

Pure but for its own state: HTTP is the caller's. `open_tick` decides and plans, the caller runs the planned sessions,
`close_tick` draws the consequences. Both return events in a fixed order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.users import activity, decisions, reports
from agents.users.accounts import Account
from agents.users.activity import Sessions
from agents.users.constants import PAIN_KINDS, Tuning, draw_tuning
from agents.users.experience import fade, hurt, live_through
from agents.users.journeys import Journey, Outcome
from agents.users.newcomers import Newcomer, admit, arrive
from agents.users.nonces import tag_of
from agents.users.outcomes import FINE, Conditions, Pool, conditions, draw_outcomes
from agents.users.population.columns import Floats
from agents.users.population.draw import draw
from agents.users.products.interface import Product
from agents.users.sessions import Assignment
from agents.users.support import Support
from agents.users.tickets import Ticket
from bus.chance import Chance
from bus.messages.attackers import AttemptEnded
from bus.messages.base import Event
from bus.messages.billing import PlansChanged, SubscriptionChanged
from bus.messages.cloud import ReleaseLive, ServiceMeasured
from bus.messages.users import CustomerChanged, CustomerChurned
from bus.money import Micros
from bus.scenario import Scenario
from bus.simtime import SimTime, calendar

_LOOKS = 1_000_000
"""Ordinals of second looks at tickets: after a customer's ordinary sessions."""


@dataclass
class TickPlan:
    """What is to be run for real in a tick, and what it is for."""

    tick: int
    now: SimTime
    sessions: Sessions
    state: Conditions
    assignments: list[Assignment]
    looks: dict[tuple[str, int], Ticket]
    """By customer and ordinal: second looks that are run for real."""
    drawn_looks: list[Ticket]
    """Second looks of customers that are not executed."""
    newcomers: list[Newcomer]


@dataclass
class Market:
    """Everything the users service knows."""

    scenario: Scenario
    chance: Chance
    product: Product

    def __post_init__(self) -> None:
        self.population = draw(self.scenario, self.chance)
        self.tuning: Tuning = draw_tuning(self.chance)
        self.journeys: tuple[Journey, ...] = (*self.product.journeys, self.product.sign_up)
        self.support = Support(self.scenario, self.population, self.tuning, self.chance, self.product)
        self.pool = Pool(len(self.journeys), self.tuning.prior_sessions)
        self.mix: Floats = self._mix()
        self.came = len(self.population.customers)
        """Customers that ever came or tried to: numbers the next one."""
        self.tags = {tag_of(customer) for customer in self.population.customers.ident}
        self.accounts: dict[int, Account] = {
            int(row): self.product.account(self.scenario.world.start, self.population, int(row), self.chance)
            for row in np.flatnonzero(self.population.customers.panel)
        }
        self._measured: ServiceMeasured | None = None
        self._rises: dict[str, float] = {}
        self._coming_prices: list[PlansChanged] = []

    def inherited(self) -> list[Event]:
        """What the company takes over: customers, and tickets that wait."""
        return [*reports.inherited(self.population), *self.support.inherited()]

    def hear(self, event: Event, at: SimTime) -> list[Event]:
        """Take in what others said; sometimes there is an answer at once."""
        if isinstance(event, ServiceMeasured):
            self._measured = event
        elif isinstance(event, ReleaseLive):
            self.pool.new_release()
            self.support.released_at = at
        elif isinstance(event, PlansChanged):
            self._coming_prices.append(event)
        elif isinstance(event, AttemptEnded) and event.outcome == "succeeded" and event.victim is not None:
            row = self._row(event.victim)
            if row is not None and event.records:
                hurt(self.population, row, "foreign_item", 1.0, self.tuning)
        elif isinstance(event, SubscriptionChanged) and event.state == "unpaid":
            row = self._row(event.customer)
            return self._leave(decisions.Leaving(row, "payment_failed")) if row is not None else []
        return self.support.hear(event, at)

    def open_tick(self, tick: int, now: SimTime) -> tuple[list[Event], TickPlan]:
        """Decide what the hour brings: who leaves or changes, who works, and what of it runs for real."""
        self._prices(now)
        fade(self.population, 1.0, self.tuning)
        rng = self.chance.numpy("users", "decisions", tick)
        events: list[Event] = []
        for one in decisions.leaving(self.population, self.scenario, self._rises, now, self.tuning, rng):
            events += self._leave(one)
        for row, seats in decisions.seat_changes(self.population, now, self.tuning, rng):
            events.append(self._change_seats(row, seats))
        return events, self._plan(tick, now)

    def close_tick(self, plan: TickPlan, outcomes: Sequence[Outcome]) -> list[Event]:
        """Draw the consequences of an hour."""
        events: list[Event] = []
        by_key = {(one.customer, one.ordinal): one for one in outcomes}
        self._learn(outcomes)
        known = self._known(plan, by_key)
        rng = self.chance.numpy("users", "outcomes", plan.tick)
        kinds = draw_outcomes(plan.sessions, self.pool.shares(), plan.state.outage, known, rng)
        hurts = live_through(self.population, plan.sessions, kinds, plan.state, self.tuning)
        events += reports.pain(self.population, plan.sessions, by_key, hurts)
        events += self._complain(plan, kinds, by_key)
        events += self._look(plan, by_key)
        events += self.support.ordinary(plan.now)
        events += self.support.go_on(plan.now)
        events += self._join(plan, by_key)
        decisions.spread_word(self.population, 1.0, self.tuning)
        names = [one.name for one in self.journeys]
        events += reports.worked(self.population, plan.tick, plan.sessions, kinds, set(known), hurts, names)
        events.append(reports.load(plan.tick, plan.sessions, len(plan.newcomers), self.journeys))
        events += reports.shared(self.population, outcomes)
        return events

    def _plan(self, tick: int, now: SimTime) -> TickPlan:
        moment = calendar(self.scenario.world.start, now)
        rng = self.chance.numpy("users", "sessions", tick)
        sessions = activity.offered(self.population, self.mix, moment, rng)
        users = self.scenario.users
        budget = None
        if users.panel != "all":
            budget = users.executed_sessions_per_day * activity.budget_share(self.population, moment)
        common = np.bincount(sessions.journey, minlength=len(self.journeys)) / max(len(sessions), 1)
        chosen = activity.executed(sessions, self.population.customers.panel, budget, common.astype(np.float32), rng)
        assignments = [
            Assignment(
                self.accounts[int(sessions.customer[place])], int(place), self.journeys[int(sessions.journey[place])]
            )
            for place in chosen
        ]
        looks, drawn = self._looks(now, assignments)
        newcomers = arrive(self.population, self.scenario, self.tuning, self.chance, tick, self.came)
        self.came += len(newcomers)
        assignments += [
            Assignment(one.account, 0, self.product.sign_up) for one in newcomers if one.account is not None
        ]
        state = conditions(self._measured, self.journeys, self.tuning)
        return TickPlan(tick, now, sessions, state, assignments, looks, drawn, newcomers)

    def _looks(self, now: SimTime, assignments: list[Assignment]) -> tuple[dict[tuple[str, int], Ticket], list[Ticket]]:
        """Second looks at what tickets are about: the panel's are added to the assignments, the others returned."""
        executed: dict[tuple[str, int], Ticket] = {}
        drawn: list[Ticket] = []
        by_name = {one.name: one for one in self.journeys}
        for place, ticket in enumerate(self.support.looking(now)):
            account = self.accounts.get(ticket.row)
            if account is None or ticket.kind in ("slow", "outage"):
                drawn.append(ticket)
            else:
                executed[account.customer, _LOOKS + place] = ticket
                assignments.append(Assignment(account, _LOOKS + place, by_name[ticket.journey]))
        return executed, drawn

    def _learn(self, outcomes: Sequence[Outcome]) -> None:
        names = {one.name: place for place, one in enumerate(self.journeys)}
        for one in outcomes:
            self.pool.observe(names[one.journey], one.failure.kind if one.failure else None)

    def _known(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> dict[int, int]:
        """Outcome codes of the executed sessions by their position."""
        found: dict[int, int] = {}
        for one in plan.assignments:
            if one.ordinal < _LOOKS and one.journey is not self.product.sign_up:
                failure = by_key[one.account.customer, one.ordinal].failure
                found[one.ordinal] = PAIN_KINDS.index(failure.kind) if failure else FINE
        return found

    def _complain(
        self, plan: TickPlan, kinds: NDArray[np.int32], by_key: dict[tuple[str, int], Outcome]
    ) -> list[Event]:
        events: list[Event] = []
        slow = plan.state.seconds[plan.sessions.journey] > 1
        for place in np.flatnonzero((kinds != FINE) | slow):
            row, journey = int(plan.sessions.customer[place]), self.journeys[int(plan.sessions.journey[place])]
            outcome = by_key.get((self.population.customers.ident[row], int(place)))
            step = outcome.failure.step if outcome and outcome.failure else journey.words
            kind = PAIN_KINDS[int(kinds[place])] if kinds[place] != FINE else "slow"
            draw_ = self.chance.python("users", "complaint", plan.tick, int(place))
            events += self.support.complain(row, journey, kind, step, plan.now, draw_)
        return events

    def _look(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> list[Event]:
        events: list[Event] = []
        for key, ticket in plan.looks.items():
            events += self.support.looked(ticket, by_key[key].failure is None, plan.now)
        rng = self.chance.numpy("users", "looks", plan.tick)
        names = {one.name: place for place, one in enumerate(self.journeys)}
        for ticket in plan.drawn_looks:
            place = names[ticket.journey]
            fails = max(float(self.pool.shares()[place].sum()), float(plan.state.outage[place]))
            if ticket.kind == "slow":
                fails = float(plan.state.seconds[place] > 1)
            events += self.support.looked(ticket, rng.random() >= fails, plan.now)
        return events

    def _join(self, plan: TickPlan, by_key: dict[tuple[str, int], Outcome]) -> list[Event]:
        events: list[Event] = []
        rng = self.chance.numpy("users", "trials", plan.tick)
        lost = float(self.pool.shares()[-1].sum())
        for one in plan.newcomers:
            if one.account is not None:
                works = by_key[one.account.customer, 0].failure is None
            else:
                works = rng.random() >= max(lost, float(plan.state.outage[-1]))
            if works:
                row = admit(self.population, one, plan.now)
                self.tags.add(tag_of(one.customer))
                if one.account is not None:
                    one.account.row = row
                    self.accounts[row] = one.account
                events.append(reports.joined(self.population, row))
        if events:
            self.mix = self._mix()
        return events

    def _leave(self, one: decisions.Leaving) -> list[Event]:
        customers = self.population.customers
        if not customers.alive[one.row]:
            return []
        customers.alive[one.row] = False
        gone = CustomerChurned(agent=self._agent(one.row), customer=customers.ident[one.row], reason=one.reason)
        return [gone, *self.support.left(one.row)]

    def _change_seats(self, row: int, seats: int) -> CustomerChanged:
        customers = self.population.customers
        customers.price[row] = int(customers.price[row]) // int(customers.seats[row]) * seats
        customers.seats[row] = seats
        return CustomerChanged(
            agent=self._agent(row), customer=customers.ident[row], plan=customers.plan[row], seats=seats
        )

    def _prices(self, now: SimTime) -> None:
        """New list prices reach everybody when they take effect."""
        listed = self.scenario.billing.price_per_seat
        for event in [each for each in self._coming_prices if each.effective_at <= now]:
            self._coming_prices.remove(event)
            customers = self.population.customers
            for row, plan in enumerate(customers.plan):
                if plan in event.price_per_seat:
                    customers.price[row] = Micros(event.price_per_seat[plan] * int(customers.seats[row]))
            self._rises = {plan: price / listed[plan] for plan, price in event.price_per_seat.items() if plan in listed}

    def _mix(self) -> Floats:
        return activity.journey_mix(self.population.customers, self.population.agents, self.journeys)

    def _row(self, customer: str) -> int | None:
        idents = self.population.customers.ident
        return idents.index(customer) if customer in idents else None

    def _agent(self, row: int) -> str:
        return self.population.agents[int(self.population.customers.agent[row])].ident
