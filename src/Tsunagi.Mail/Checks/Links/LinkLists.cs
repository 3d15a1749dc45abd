using System.Net;
using System.Net.Sockets;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Links;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Checks.Links;

/// <summary>
/// Asks lists of names (URIBL) for the hosts of a message's links: (1) which names, the first ones, each once, at most <c>mail.filter.linkLookups</c> questions; (2) all go out together with one deadline; (3) what is not answered, refused (127.255.255.x, and
/// 127.0.0.1, which no list has and by which some refuse), or no list's answer is no hit, is heard by <see cref="DnsListHealth"/>, and told once for each list.
/// </summary>
internal sealed class LinkLists(IMailDns dns, IDnsListHealth health, FilterOptions options, TimeProvider time)
{
    /// <summary>Before the zone, where a list of names is meant: another may serve both kinds.</summary>
    public const string KeyPrefix = "links ";

    public static string KeyOf(LinkListOptions list) => KeyPrefix + list.Zone;

    /// <param name="links">Those that count.</param>
    public async ValueTask AskAsync(IReadOnlyList<FoundLink> links, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        // (1)
        var questions = Questions(links);
        if (questions.Count == 0)
        {
            return;
        }

        // (2)
        using var asking = new MailResolver.MessageDns(dns, options.ListDeadline, time, cancellationToken);
        var asked = questions.Select(question => (question.List, question.Host, Answer: AskAsync(asking, question.Name, cancellationToken))).ToList();

        // (3)
        var (hit, silent) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (list, host, asking1) in asked)
        {
            var answer = await asking1;
            health.Answered(KeyOf(list), answer.Status);
            if (answer.Status is DnsListStatus.NoAnswer or DnsListStatus.Refused or DnsListStatus.OutOfRange)
            {
                if (silent.Add(list.Zone))
                {
                    evidence.Add(Evidence.Of(LinkCheck.NoAnswer, ("list", list.Name)));
                }
            }
            else if (list.MeaningOf(answer) is { Length: > 0 } means && hit.Add(list.Zone))
            {
                evidence.Add(Evidence.Of(LinkCheck.Listed, ("host", LinkHost.Shown(host)), ("list", list.Name), ("means", means), ("codes", string.Join(' ', answer.Codes.Take(10)))));
            }
        }
    }

    /// <summary>As <see cref="DnsList.Read"/>; 127.0.0.1 is how lists of bits refuse.</summary>
    internal static DnsListAnswer Read(in MailDnsAnswer<IPAddress> answer)
    {
        var read = DnsList.Read(answer);
        return read.Status == DnsListStatus.Listed && read.Codes.Contains(DnsList.NotListed) ? read with { Status = DnsListStatus.Refused } : read;
    }

    private static async Task<DnsListAnswer> AskAsync(IMailDns asking, string name, CancellationToken cancellationToken) =>
        Read(await asking.AddressesAsync(name, AddressFamily.InterNetwork, cancellationToken));

    private List<(LinkListOptions List, string Host, string Name)> Questions(IReadOnlyList<FoundLink> links)
    {
        var questions = new List<(LinkListOptions List, string Host, string Name)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var link in links)
        {
            foreach (var list in options.LinkLists)
            {
                if (NameOf(list, link) is { } name && health.MayAsk(KeyOf(list), AddressFamily.InterNetwork) && known.Add(name))
                {
                    questions.Add((list, link.Host, name));
                    if (questions.Count == options.LinkLookups)
                    {
                        return questions;
                    }
                }
            }
        }

        return questions;
    }

    private static string? NameOf(LinkListOptions list, FoundLink link)
    {
        if (link.IsAddress)
        {
            return list.Addresses && IPAddress.TryParse(link.Host, out var address) && !ClientCheck.IsOfOurs(address) ? DnsList.NameOf(address, list.Zone) : null;
        }

        var key = list.Asks == LinkListKey.Host ? link.Host : OrganizationName.Of(link.Host).ToString();
        return key.Contains('.', StringComparison.Ordinal) && key.Length + 1 + list.Zone.Length <= 253 ? $"{key}.{list.Zone}" : null;
    }
}
