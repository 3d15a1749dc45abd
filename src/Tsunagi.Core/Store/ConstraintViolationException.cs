namespace Tsunagi.Core.Store;

/// <summary>
/// A statement broke a constraint of the schema. Its transaction is lost: let it leave the write, decide outside. Where a conflict is expected,
/// say ON CONFLICT in the statement instead.
/// </summary>
public sealed class ConstraintViolationException(ConstraintKind kind, string message, Exception inner) : Exception(message, inner)
{
    public ConstraintKind Kind { get; } = kind;
}

/// <summary>Which sort of constraint was broken.</summary>
public enum ConstraintKind
{
    Unique,
    ForeignKey,
    NotNull,
    Check,
    Other,
}
