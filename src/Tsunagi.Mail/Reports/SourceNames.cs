using System.Collections.Concurrent;
using System.Net;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Reports;

/// <summary>
/// Whose a source is, for people: the organization of its name in the DNS, where that name has the address in turn (anybody writes any name for an address of his own). Asked for
/// the sources with most mail, a few dozen a message, all within one deadline; the others stay addresses.
/// </summary>
internal sealed class SourceNames(MailOptions options, TimeProvider time, MailResolver? resolver = null)
{
    private const int MostKnown = 20_000;
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(12);

    // Second labels under which countries register organizations. For grouping alone: nothing is judged by it.
    private static readonly HashSet<string> Shared = new(["co", "ne", "or", "ac", "go", "ad", "ed", "gr", "lg", "com", "net", "org", "gov", "edu", "gob", "mil"], StringComparer.Ordinal);

    private readonly ConcurrentDictionary<IPAddress, (string Name, long At)> _known = new();

    public async ValueTask<IReadOnlyDictionary<IPAddress, string>> ReadAsync(IEnumerable<AggregateRecord> records, CancellationToken cancellationToken)
    {
        var names = new Dictionary<IPAddress, string>();
        if (resolver is null)
        {
            return names;
        }

        var asked = records.GroupBy(static record => record.Source).OrderByDescending(static group => group.Sum(static record => record.Count)).Select(static group => group.Key).Take(options.Reports.MaxNames).ToList();
        using var dns = resolver.ForMessage(cancellationToken);
        var found = await Task.WhenAll(asked.Select(async address => (address, name: await NameAsync(address, dns, cancellationToken))));
        foreach (var (address, name) in found.Where(static pair => pair.name.Length > 0))
        {
            names[address] = name;
        }

        return names;
    }

    /// <summary>"mail-1.example.co.jp" is of "example.co.jp".</summary>
    internal static string OrganizationOf(string name)
    {
        var labels = name.TrimEnd('.').ToLowerInvariant().Split('.');
        var most = labels.Length >= 3 && labels[^1].Length == 2 && Shared.Contains(labels[^2]) ? 3 : 2;
        return labels.Length < 2 || labels[^1].All(char.IsAsciiDigit) ? "" : string.Join('.', labels[^Math.Min(most, labels.Length)..]);
    }

    private async Task<string> NameAsync(IPAddress address, IMailDns dns, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(address, out var known) && time.GetElapsedTime(known.At) < GoodFor)
        {
            return known.Name;
        }

        var answer = await dns.NamesAsync(address, cancellationToken);
        var confirmed = "";
        foreach (var name in answer.Values.Take(3))
        {
            var addresses = await dns.AddressesAsync(name, address.AddressFamily, cancellationToken);
            if (addresses.Values.Contains(address))
            {
                confirmed = OrganizationOf(name);
                break;
            }
        }

        if (answer.Status != MailDnsStatus.TempError)
        {
            if (_known.Count >= MostKnown)
            {
                _known.Clear();
            }

            _known[address] = (confirmed, time.GetTimestamp());
        }

        return confirmed;
    }
}
