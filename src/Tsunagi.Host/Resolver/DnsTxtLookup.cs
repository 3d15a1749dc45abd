using Tsunagi.Core.Proof;

namespace Tsunagi.Host.Resolver;

internal sealed class DnsTxtLookup : ITxtLookup
{
    public ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<string>?>(null);
}
