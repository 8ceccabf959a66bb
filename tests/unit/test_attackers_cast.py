"""Who the attackers are: nothing about them but what they do sets them apart."""

from dataclasses import replace

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
    (guesser, *_) = guessers(SCENARIO, Chance(1))
    for number in range(60):
        target = next_target(population, Chance(1), guesser, number)
        assert 18 <= len(target.passwords) <= 30
        assert target.customer in population.customers.ident
    assert WEAK_FROM > 10
    assert target.passwords == WEAK_PASSWORDS[: len(target.passwords)]


def test_sprayers_try_too_little_on_each_account_to_be_counted() -> None:
    sprayed = SCENARIO.model_copy(
        update={"attackers": SCENARIO.attackers.model_copy(update={"guessers": 0, "sprayers": 2})}
    )
    population = draw(sprayed, Chance(1))
    one, other = guessers(sprayed, Chance(1))
    assert one.visitor.address != other.visitor.address
    targets = [next_target(population, Chance(1), one, number) for number in range(400)]
    assert {len(target.passwords) for target in targets} == {2, 3}
    assert {word for target in targets for word in target.passwords} == set(WEAK_PASSWORDS)
    assert all("".join(target.passwords) in "".join(WEAK_PASSWORDS) for target in targets)


def test_attempts_follow_the_day_and_a_burst_is_rarer_than_a_look() -> None:
    (guesser, *_), (reader, *_) = guessers(SCENARIO, Chance(1)), readers(SCENARIO, Chance(1))

    def count(one: Guesser | Reader) -> int:
        return sum(attacks(SCENARIO, one, SimTime(tick * HOUR), Chance(1).numpy("a", tick)) for tick in range(24 * 100))

    assert 320 <= count(reader) <= 480
    assert 70 <= count(guesser) <= 130
    assert 320 <= count(replace(guesser, sprays=True)) <= 480


def test_a_record_counts_once() -> None:
    taken = Taken(set())
    assert taken.new({"a", "b"}) == 2
    assert taken.new({"b", "c"}) == 1
