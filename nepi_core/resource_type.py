"""What a resource type declares about itself: name, help, attributes, traces, and how it is drawn."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from nepi_core.attribute import Attribute, Flags
from nepi_core.description import Value
from nepi_core.errors import AttributeValueError, UnknownAttributeError, UnknownTraceError, suggestion
from nepi_core.trace import Trace


class Drawn(StrEnum):
    """How the canvas shows a resource."""

    NODE = "node"
    EDGE = "edge"
    """A line between the two resources that it joins."""
    BADGE = "badge"
    """A small mark at the resource that it belongs to."""


class ResourceType:
    """The class side of `ResourceManager`.

    A type is declared by a class that says its ``rtype``. Its docstring is its help, and attributes and traces stand
    in its body; a class inherits those of its bases. NEPI's way works as well: ``_rtype``, ``_help``, ``_backend`` in
    the body, a decorator `clsinit` or `clsinit_copy`, and ``_register_attributes`` and ``_register_traces``.
    """

    __slots__ = ()

    _rtype: ClassVar[str] = "Resource"
    _help: ClassVar[str] = ""
    _backend: ClassVar[str] = "all"
    _attributes: ClassVar[dict[str, Attribute]] = {}
    _traces: ClassVar[dict[str, Trace]] = {}
    _required: ClassVar[tuple[str, ...]] = ()
    _credentials: ClassVar[tuple[str, ...]] = ()
    _global_values: ClassVar[dict[str, Value]] = {}
    drawn: ClassVar[Drawn] = Drawn.NODE
    icon: ClassVar[str] = ""
    """Name of the icon; "" for that of the backend."""
    legacy: ClassVar[bool] = False
    """Whether it is there for files of NEPI, and nobody needs it for anything new."""

    def __init_subclass__(
        cls, rtype: str | None = None, drawn: Drawn | None = None, icon: str | None = None, **more: Any
    ) -> None:
        super().__init_subclass__(**more)
        if rtype is not None:
            cls._rtype = rtype
        if drawn is not None:
            cls.drawn = drawn
        try:
            cls.drawn = Drawn(cls.drawn)
        except ValueError:
            allowed = ", ".join(Drawn)
            raise TypeError(f"{cls.__name__}: 'drawn' cannot be {cls.drawn!r}; it is one of {allowed}.") from None
        if icon is not None:
            cls.icon = icon
        if "_backend" not in cls.__dict__ and "::" in cls._rtype:
            cls._backend = cls._rtype.split("::", 1)[0]
        cls._clsinit_copy()
        cls._register_body()

    @classmethod
    def _register_body(cls) -> None:
        for value in list(cls.__dict__.values()):
            if isinstance(value, Attribute):
                cls._register_attribute(value)
            elif isinstance(value, Trace):
                cls._register_trace(value)

    @classmethod
    def _clsinit(cls) -> None:
        """Begin with no attributes and traces but those of every resource and those that the class registers itself."""
        root = cls.__mro__[cls.__mro__.index(ResourceType) - 1]
        cls._attributes = dict(root.__dict__.get("_attributes", {}))
        cls._traces, cls._global_values = {}, {}
        cls._index_attributes()

    @classmethod
    def _clsinit_copy(cls) -> None:
        """Begin with the attributes and traces of all base classes, as the order of inheritance has them."""
        cls._clsinit()
        for base in reversed(cls.__mro__[1:]):
            if issubclass(base, ResourceType):
                cls._attributes.update(base._attributes)
                cls._traces.update(base._traces)
        cls._index_attributes()

    @classmethod
    def _index_attributes(cls) -> None:
        """Note which attributes are special, since each resource is asked for those."""
        attributes = cls._attributes.values()
        cls._required = tuple(each.name for each in attributes if each.required)
        cls._credentials = tuple(each.name for each in attributes if each.has_flag(Flags.Credential))

    @classmethod
    def _register_attributes(cls) -> None:
        """Register attributes in NEPI's way; does nothing here."""

    @classmethod
    def _register_traces(cls) -> None:
        """Register traces in NEPI's way; does nothing here."""

    @classmethod
    def _register_attribute(cls, attribute: Attribute) -> None:
        cls._attributes[attribute.name] = attribute
        cls._index_attributes()

    @classmethod
    def _remove_attribute(cls, name: str) -> None:
        del cls._attributes[name]
        cls._index_attributes()

    @classmethod
    def _register_trace(cls, trace: Trace) -> None:
        cls._traces[trace.name] = trace

    @classmethod
    def _remove_trace(cls, name: str) -> None:
        del cls._traces[name]

    # -- questions about the type ------------------------------------------------------------------

    @classmethod
    def get_rtype(cls) -> str:
        """Return the name of the type."""
        return cls._rtype

    @classmethod
    def get_backend(cls) -> str:
        """Return the name of the environment that the type belongs to."""
        return cls._backend

    @classmethod
    def get_help(cls) -> str:
        """Return what the type is for."""
        return cls._help or " ".join((cls.__doc__ or "").split("\n\n", 1)[0].split())

    @classmethod
    def get_attributes(cls) -> list[Attribute]:
        """Return the attributes of the type."""
        return list(cls._attributes.values())

    @classmethod
    def get_attribute(cls, name: str) -> Attribute:
        """Return an attribute of the type.

        Raises:
            UnknownAttributeError: there is none of that name.
        """
        try:
            return cls._attributes[name]
        except (KeyError, TypeError):
            known = suggestion(name, cls._attributes)
            raise UnknownAttributeError(f"Resource type {cls._rtype} has no attribute {name!r}.{known}") from None

    @classmethod
    def get_traces(cls) -> list[Trace]:
        """Return the traces of the type."""
        return list(cls._traces.values())

    @classmethod
    def get_trace(cls, name: str) -> Trace:
        """Return a trace of the type.

        Raises:
            UnknownTraceError: there is none of that name.
        """
        try:
            return cls._traces[name]
        except (KeyError, TypeError):
            known = suggestion(name, cls._traces)
            raise UnknownTraceError(f"Resource type {cls._rtype} has no trace {name!r}.{known}") from None

    @classmethod
    def get_global(cls, name: str) -> Value | None:
        """Return the class-wide value of an attribute, for experiments that were given none of their own.

        Raises:
            UnknownAttributeError: there is no attribute of that name.
        """
        attribute = cls.get_attribute(name)
        return cls._global_values.get(name, attribute.default)

    @classmethod
    def set_global(cls, name: str, value: Value | None) -> None:
        """Set the class-wide value of an attribute, for all experiments of this process; None gives the default back.

        Raises:
            UnknownAttributeError: there is no attribute of that name.
            AttributeValueError: the attribute is not class-wide, or the value is not allowed.
        """
        attribute = cls.check_global(name)
        if value is None:
            cls._global_values.pop(name, None)
        else:
            cls._global_values[name] = attribute.check(value, cls._rtype)

    @classmethod
    def check_global(cls, name: str) -> Attribute:
        """Return a class-wide attribute.

        Raises:
            UnknownAttributeError: there is no attribute of that name.
            AttributeValueError: each resource has its own value of it.
        """
        attribute = cls.get_attribute(name)
        if not attribute.has_flag(Flags.Global):
            wide = suggestion(name, [each.name for each in cls.get_attributes() if each.has_flag(Flags.Global)])
            message = f"{cls._rtype}: attribute '{name}' is not class-wide; each resource has its own.{wide}"
            raise AttributeValueError(message)
        return attribute


AnyType = TypeVar("AnyType", bound=type[ResourceType])


def clsinit(cls: AnyType) -> AnyType:
    """Have a class written in NEPI's way begin with its own attributes and traces, and what every resource has."""
    cls._clsinit()
    return _register(cls)


def clsinit_copy(cls: AnyType) -> AnyType:
    """Have a class written in NEPI's way begin with the attributes and traces of its bases."""
    cls._clsinit_copy()
    return _register(cls)


def _register(cls: AnyType) -> AnyType:
    cls._register_body()
    cls._register_attributes()
    cls._register_traces()
    return cls
