"""Who the attackers are: nothing about them but what they do sets them apart."""

from agents.attackers.cast import Guesser, Reader, attacks, guessers, next_target, readers
from agents.attackers.guessing import Taken
from agents.users.population.draw import draw
from agents.users.population.names import WEAK_FROM, WEAK_PASSWORDS
from bus.chance import Chance
from bus.simtime import HOUR, SimTime
from services.world.loading import load_scenario

SCENARIO = load_scenario("default")


def test_attackers_have_addresses_and_names_like_customers() -> None:
    customers = draw(SCENARIO, Chance(1)).customers
    networks = {address.split(".")[0] for address in customers.address}
    cast = (*guessers(SCENARIO, Chance(1)), *readers(SCENARIO, Chance(1)))
    assert cast
    for one in cast:
        assert one.visitor.address.split(".")[0] in networks
        assert one.visitor.address not in customers.address
    assert not {one.company for one in readers(SCENARIO, Chance(1))} & set(customers.name)


def test_a_throttle_of_ten_protects_everybody() -> None:
    population = draw(SCENARIO, Chance(1))
    for number in range(60):
        target = next_target(population, Chance(1), "a", number)
        assert 18 <= len(target.passwords) <= 30
        assert target.customer in population.customers.ident
    assert WEAK_FROM > 10
    assert target.passwords == WEAK_PASSWORDS[: len(target.passwords)]


def test_attempts_follow_the_day_and_a_burst_is_rarer_than_a_look() -> None:
    (guesser, *_), (reader, *_) = guessers(SCENARIO, Chance(1)), readers(SCENARIO, Chance(1))

    def count(one: Guesser | Reader) -> int:
        return sum(attacks(SCENARIO, one, SimTime(tick * HOUR), Chance(1).numpy("a", tick)) for tick in range(24 * 100))

    assert 320 <= count(reader) <= 480
    assert 70 <= count(guesser) <= 130


def test_a_record_counts_once() -> None:
    taken = Taken(set())
    assert taken.new({"a", "b"}) == 2
    assert taken.new({"b", "c"}) == 1
