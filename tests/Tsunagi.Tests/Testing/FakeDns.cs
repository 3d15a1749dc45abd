using Tsunagi.Core.Proof;

namespace Tsunagi.Tests.Testing;

/// <summary>A DNS that knows what the test put into it, or gives no answer.</summary>
internal sealed class FakeDns : ITxtLookup
{
    public Dictionary<string, List<string>> Texts { get; } = [];

    public bool Silent { get; set; }

    public ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>?>(Silent ? null : Texts.GetValueOrDefault(name) ?? []);
}
