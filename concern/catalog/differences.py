"""What differs between two trees of a product, as far as it can be told by the names that a test calls.

A change of functions' bodies is known by the functions; a change of a constant, of an import or of what a plain class
holds by the functions that use the name. What only adds (a route, a table, a column, a migration, one more in a list) is
met by everybody and called by nobody's name: it is told apart. Of whatever is neither, nothing can be said.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

Function = ast.FunctionDef | ast.AsyncFunctionDef
_NAMED_BY_READERS = ("deploy/", "docs/")
"""Folders whose files matter to a test only if it names them."""


@dataclass
class Difference:
    """Between two trees. Functions are `file:qualified.name`, within one module the qualified name."""

    changed: set[str] = field(default_factory=set[str])
    """Functions and templates that do something else now."""
    renamed: set[str] = field(default_factory=set[str])
    """Bare names that mean something else now: whatever uses them has changed."""
    added: set[str] = field(default_factory=set[str])
    """Where something was added that is met without being named."""
    grown: set[str] = field(default_factory=set[str])
    """Those of the changed templates that only say more than before."""
    tests: set[str] = field(default_factory=set[str])
    """New files of tests."""
    read: set[str] = field(default_factory=set[str])
    """Changed files that matter only to tests that name them."""


def files_of(tree: Path) -> dict[str, bytes]:
    """All files of a tree but compiled ones, by their paths in it."""
    return {
        str(file.relative_to(tree)): file.read_bytes()
        for file in tree.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def difference(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Difference | None:
    """What differs between the files of two trees; None if nothing can be said of it."""
    if before.keys() - after.keys():
        return None
    found = Difference()
    for name in sorted(after):
        if before.get(name) != after[name] and not _file(found, name, before.get(name), after[name]):
            return None
    users = users_of(found.renamed, {**before, **after}) if found.renamed else set[str]()
    if users is None:
        return None
    found.changed |= users
    return found


def _file(found: Difference, name: str, old: bytes | None, new: bytes) -> bool:
    """Take one file's difference up; False if nothing can be said of it."""
    if name.startswith("tests/"):
        found.tests.add(name)
        return old is None and Path(name).name.startswith("test_")
    if name.startswith("migrations/"):
        found.added.add(name)
        return old is None
    if "/templates/" in name:
        if old is not None:
            found.changed.add(name)
            rest = iter(new.splitlines())
            found.grown |= {name} if all(line in rest for line in old.splitlines()) else set()
        return True
    if name.startswith(_NAMED_BY_READERS) or name.endswith(".md"):
        found.read.add(name)
        return True
    one = module_difference((old or b"").decode(), new.decode()) if name.endswith(".py") else None
    if one is None:
        return False
    found.changed |= {f"{name}:{function}" for function in one.changed}
    found.renamed |= one.renamed
    found.added |= {f"{name}:{place}" for place in one.added}
    return True


def module_difference(old: str, new: str) -> Difference | None:
    """What differs between two texts of a module; None if nothing can be said of it."""
    before, after, found = ast.parse(old), ast.parse(new), Difference()
    was, now = _Body.of(before.body), _Body.of(after.body)
    if was is None or now is None or (was.rest != now.rest and old):
        return None
    used = _names(before.body)
    for name in sorted(was.named.keys() | now.named.keys()):
        one, other = was.named.get(name), now.named.get(name)
        if one is None:
            found.renamed |= {name} & used  # it hides what the name meant here
            found.added |= {name} if _registers(other) else set()
        elif other is None:
            found.renamed |= {name} if not isinstance(one, ast.alias) or name in _names(after.body) else set()
            found.changed |= {name} if isinstance(one, Function) else set()
        elif not _same(one, other) and not _statement(found, name, one, other):
            return None
    return found


@dataclass(frozen=True)
class _Body:
    """Statements by the name to which they give a meaning, and a text of all others."""

    named: dict[str, ast.AST]
    rest: str

    @staticmethod
    def of(body: Sequence[ast.stmt]) -> "_Body | None":
        """None if a name gets its meaning twice."""
        named: dict[str, ast.AST] = {}
        rest = ""
        for node in body:
            given = dict(_given(node))
            if named.keys() & given.keys():
                return None
            named |= given
            if not given and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                rest += ast.dump(node)
        return _Body(named, rest)


def _given(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, node
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node
        case ast.Import() | ast.ImportFrom():
            origin = node.module if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                yield alias.asname or alias.name, ast.alias(f"{origin}.{alias.name}", alias.asname)
        case _:
            pass


def _registers(node: ast.AST | None) -> bool:
    """Whether a new statement does something beside giving a name its meaning."""
    if isinstance(node, Function):
        return bool(node.decorator_list)
    return isinstance(node, ast.ClassDef) and bool(node.bases)


def _statement(found: Difference, name: str, one: ast.AST, other: ast.AST) -> bool:
    """Take the change of one statement up; False if nothing can be said of it."""
    if isinstance(one, Function) and isinstance(other, Function):
        return _function(found, name, one, other)
    if isinstance(one, ast.ClassDef) and isinstance(other, ast.ClassDef):
        return _class(found, name, one, other)
    if longer(one, other):
        found.added.add(name)
    else:
        found.renamed.add(name)
    return True


def _function(found: Difference, name: str, one: Function, other: Function) -> bool:
    if longer(one, other):
        found.added.add(name)
    else:
        found.changed.add(name)
    return type(one) is type(other) and _same(one.decorator_list, other.decorator_list)


def _class(found: Difference, name: str, one: ast.ClassDef, other: ast.ClassDef) -> bool:
    was, now = _Body.of(one.body), _Body.of(other.body)
    if was is None or now is None or was.rest != now.rest:
        return False
    if not _same([*one.bases, *one.decorator_list], [*other.bases, *other.decorator_list]):
        return False
    return all(
        _member(found, name, member, was.named.get(member), now.named.get(member), derived=bool(one.bases))
        for member in sorted(was.named.keys() | now.named.keys())
    )


def _member(
    found: Difference, owner: str, name: str, one: ast.AST | None, other: ast.AST | None, *, derived: bool
) -> bool:
    if one is not None and other is not None and _same(one, other):
        return True
    if isinstance(one, Function) and isinstance(other, Function):
        return _function(found, f"{owner}.{name}", one, other)
    if one is None and isinstance(other, Function):
        found.renamed |= {name} if derived else set()  # it may stand before an inherited one
        return not name.startswith("__")
    if derived:
        found.added.add(f"{owner}.{name}")  # a column or an index: everything that reads a row meets it
        return one is None or longer(one, other)
    found.renamed |= {owner} if one is None else {owner, name}
    return True


def longer(one: object, other: object) -> bool:
    """Whether a syntax tree differs from another one only by more members of tuples, lists and dictionaries."""
    mine, theirs = _members(one), _members(other)
    if mine is not None and theirs is not None and type(one) is type(other):
        rest = iter(theirs)
        return all(any(longer(each, candidate) for candidate in rest) for each in mine)
    if isinstance(one, ast.AST):
        return type(one) is type(other) and all(
            longer(getattr(one, part, None), getattr(other, part, None)) for part in one._fields
        )
    if isinstance(one, list) and isinstance(other, list):
        ones, others = cast("list[object]", one), cast("list[object]", other)
        return len(ones) == len(others) and all(map(longer, ones, others))
    return one == other


def _members(node: object) -> list[list[ast.expr | None]] | None:
    if isinstance(node, ast.Tuple | ast.List):
        return [[each] for each in node.elts]
    return (
        [[key, value] for key, value in zip(node.keys, node.values, strict=True)]
        if isinstance(node, ast.Dict)
        else None
    )


def functions_of(module: ast.Module) -> Iterator[tuple[str, Function]]:
    """A module's functions and its classes' methods, by qualified name."""
    for node in module.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, Function))


def users_of(names: set[str], files: Mapping[str, bytes]) -> set[str] | None:
    """Functions and templates that use any of these names; None if something does that runs when it is loaded."""
    users: set[str] = set()
    for file, data in files.items():
        if "/templates/" in file and any(name.encode() in data for name in names):
            users.add(file)
        if not file.endswith(".py") or file.startswith("migrations/"):
            continue
        module = ast.parse(data)
        for name, function in functions_of(module):
            if _names([*function.body, *function.args.defaults, *function.args.kw_defaults]) & names:
                users.add(f"{file}:{name}")
            function.body, function.args, function.returns = [], ast.arguments([], [], None, [], [], None, []), None
        if _names(_loaded(module)) & names:
            return None
    return users


def _loaded(module: ast.Module) -> Iterator[ast.AST]:
    """What runs when a module is loaded, without the annotations."""
    for node in module.body:
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.AnnAssign):
                yield from [inner.value] if inner.value else []
            elif not isinstance(inner, ast.ClassDef):
                yield inner
        if isinstance(node, ast.ClassDef):
            yield from [*node.bases, *node.decorator_list]


def _names(nodes: Iterable[ast.AST | None]) -> set[str]:
    found: set[str] = set()
    for node in (inner for each in nodes if each is not None for inner in ast.walk(each)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias) and node.asname:
            found.add(node.name.rpartition(".")[2])  # it goes on under another name
    return found


def _same(one: ast.AST | Sequence[ast.AST], other: ast.AST | Sequence[ast.AST]) -> bool:
    def text(what: ast.AST | Sequence[ast.AST]) -> str:
        return ast.dump(what) if isinstance(what, ast.AST) else "".join(map(ast.dump, what))

    return text(one) == text(other)
