"""Frozen collections that forget: a viewer's memory does not grow with the episode."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def newest_first(items: tuple[V, ...], item: V, limit: int) -> tuple[V, ...]:
    """`item` in front, at most `limit` in all."""
    return (item, *items[: limit - 1])


def with_key(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """A copy in which `key` stands last with its new value."""
    return {**{k: v for k, v in mapping.items() if k != key}, key: value}


def without_key(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    """A copy without `key`; it need not have been there."""
    return {k: v for k, v in mapping.items() if k != key}


def added(counts: Mapping[K, int], key: K, amount: int = 1) -> Mapping[K, int]:
    """A copy in which `key` counts `amount` more; keys keep the order of their first appearance."""
    return {**counts, key: counts.get(key, 0) + amount}
