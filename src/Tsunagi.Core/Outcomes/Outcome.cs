using System.Diagnostics.CodeAnalysis;

namespace Tsunagi.Core.Outcomes;

/// <summary>Either what was asked for, or why not.</summary>
public readonly struct Outcome<T>
{
    private Outcome(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Ok => Refusal is null;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    internal static Outcome<T> From(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}

/// <summary>For values whose type is an interface, from which C# converts nothing implicitly.</summary>
public static class Outcome
{
    public static Outcome<T> Of<T>(T value) => Outcome<T>.From(value);
}
