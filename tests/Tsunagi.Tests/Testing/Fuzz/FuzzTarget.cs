using System.Diagnostics;

namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>
/// One parser under fuzz. The target gives valid messages and the words of its grammar; the mutator breaks them; <see cref="Run"/> feeds
/// the parser and checks what it promises, by other means where there are any. A failure is an exception.
/// Deriving from this class is all that is needed to be found by <see cref="FuzzTargets"/>.
/// </summary>
public abstract class FuzzTarget
{
    /// <summary>What <c>./tsunagi fuzz NAME</c> calls it, such as <c>smtp.command</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The types whose statements count for the coverage of this target.</summary>
    public abstract IReadOnlyList<Type> Parsers { get; }

    /// <summary>Words that the mutator drops into messages.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>Longest input.</summary>
    public virtual int MaxOctets => 4096;

    /// <summary>A message, mostly valid, made by the grammar.</summary>
    public abstract byte[] Generate(Random random);

    /// <summary>Feeds one input; throws when the parser broke a promise.</summary>
    public abstract void Run(byte[] input);

    /// <summary>Octets of Latin-1 words, for <see cref="Words"/>.</summary>
    protected static byte[][] Latin1(params string[] words) => [.. words.Select(Octets.Of)];

    /// <summary>One of several.</summary>
    protected static T Pick<T>(Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    /// <summary>The promise that is checked.</summary>
    protected static void Promise(bool kept, string what)
    {
        if (!kept)
        {
            throw new UnreachableException(what);
        }
    }
}
