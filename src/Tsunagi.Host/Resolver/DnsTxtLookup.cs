using Tsunagi.Core.Proof;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Host.Resolver;

/// <summary>TXT records by this machine's resolvers, for the proof of a domain.</summary>
internal sealed class DnsTxtLookup(StubResolver resolver) : ITxtLookup
{
    public async ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!DnsName.TryParse(name, out var parsed) || await resolver.AskAsync(parsed!, DnsType.Txt, cancellationToken) is not { } answer)
        {
            return null;
        }

        return [.. answer.Answers.Select(static record => record.Content).OfType<DnsTxtContent>().Select(static txt => txt.Text)];
    }
}
