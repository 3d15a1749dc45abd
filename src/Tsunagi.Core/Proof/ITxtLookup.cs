namespace Tsunagi.Core.Proof;

/// <summary>Asks the DNS for TXT records. The host gives the resolver.</summary>
public interface ITxtLookup
{
    /// <summary>The strings at a name; empty when there are none; null when the DNS did not answer (try again later, never "not proved").</summary>
    ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellationToken);
}
