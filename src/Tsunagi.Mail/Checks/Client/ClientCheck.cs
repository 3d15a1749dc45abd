using System.Net;
using System.Net.Sockets;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Checks.Client;

/// <summary>
/// Who brings the message: (1) did it speak before it was greeted, (2) is it on a list that some recipient's policy asks, (3) does its address have a name that leads back to it. All questions go out together
/// and have one deadline; what is not answered by then, or refused, is held against nobody. Addresses that mean nothing outside (private, loopback, link-local) are not asked for, nor is who proved itself.
/// </summary>
internal sealed class ClientCheck(IMailDns? dns, IDnsListHealth lists, FilterOptions options, TimeProvider time) : ICheck
{
    public const string CheckName = "client";

    public const string Early = "client.early-talker";
    public const string Listed = "client.listed";
    public const string NoName = "client.no-name";
    public const string NameUnconfirmed = "client.name-unconfirmed";
    public const string Named = "client.named";
    public const string NoAnswer = "client.no-answer";

    /// <summary>Who gave no answer where it was no list.</summary>
    internal const string Resolver = "the DNS";

    // Names of one address that are followed: more is a way to make us ask.
    private const int MaxNames = 5;

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(Early, new("The sending server {0} spoke before it was greeted, as programs do that send nothing but spam.", "送信サーバー {0} が挨拶を待たずに話し始めました(迷惑メール送信プログラムの特徴です)。"),
            new("The sending server does not wait for the greeting.", "送信サーバーが応答を待たずに送信しています。"), 10, PolicyAction.Accept, HoldClass.Spam),
        new(Listed, new("The sending server {1} stands on the block list {0}: {2}.", "送信サーバー {1} がブロックリスト {0} に登録されています: {2}。"),
            new("The sending server stands on a block list. Its operator can have it taken off there.", "送信サーバーがブロックリストに登録されています。運用者がリスト側で解除できます。"), 0, PolicyAction.Accept, HoldClass.Spam),
        new(NoName, new("The sending server {0} has no name in the DNS.", "送信サーバー {0} の名前がDNSに登録されていません。"),
            new("The sending server's address has no name in the DNS (PTR record).", "送信サーバーの逆引き(PTR)がありません。"), 3, PolicyAction.Accept, HoldClass.Spam),
        new(NameUnconfirmed, new("The sending server {0} is called {1} in the DNS, but that name does not lead back to it.", "送信サーバー {0} の名前は {1} ですが、その名前は同じアドレスを指していません。"),
            new("The name of the sending server's address does not lead back to it.", "送信サーバーの逆引きと正引きが一致しません。"), 2, PolicyAction.Accept, HoldClass.Spam),
        new(Named, new("The sending server {0} is {1}; the name leads back to it.", "送信サーバー {0} は {1} です(名前とアドレスの一致を確認)。"),
            new("The sending server has a name that leads back to it.", "送信サーバーの名前を確認できました。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(NoAnswer, new("{0} gave no answer about the sending server; that is not held against the message.", "送信サーバーについて {0} の応答がありませんでした(メールの不利には扱いません)。"),
            new("The DNS gave no answer.", "DNSの応答がありません。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(CheckName + ".unavailable", new("The sending server could not be checked: {0}.", "送信サーバーを検査できませんでした: {0}。"),
            new("The message could not be checked just now.", "現在メールを検査できません。"), 0, PolicyAction.Accept, HoldClass.Policy) { IsUnavailable = true },
    ];

    public string Name => CheckName;

    public bool IsSetUp => true;

    public async ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        if (message.ClientAddress is not { } given || message.SubmittedBy.Length > 0)
        {
            return;
        }

        // (1)
        var client = RelayNetwork.Plain(given);
        if (message.SpokeEarly)
        {
            evidence.Add(Evidence.Of(Early, ("client", client.ToString())));
        }

        if (dns is null || IsOfOurs(client))
        {
            return;
        }

        using var asking = new MailResolver.MessageDns(dns, options.ListDeadline, time, cancellationToken);
        var named = NameAsync(asking, client, cancellationToken);

        // (2)
        foreach (var (zone, asked) in message.Lists.Where(zone => lists.MayAsk(zone, client.AddressFamily))
            .Select(zone => (zone, AskAsync(asking, client, zone, cancellationToken))).ToList())
        {
            var answer = await asked;
            lists.Answered(zone, answer.Status);
            switch (answer.Status)
            {
                case DnsListStatus.NotListed:
                    break;
                case DnsListStatus.Listed:
                    evidence.Add(Evidence.Of(Listed, ("list", zone), ("client", client.ToString()), ("codes", string.Join(' ', answer.Codes.Take(10)))));
                    break;
                default:
                    evidence.Add(Evidence.Of(NoAnswer, ("who", zone)));
                    break;
            }
        }

        // (3)
        evidence.Add(await named);
    }

    /// <summary>Nobody outside knows anything of it.</summary>
    internal static bool IsOfOurs(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal)
        {
            return true;
        }

        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        // RFC 1918, RFC 3927, RFC 6598.
        Span<byte> octets = stackalloc byte[4];
        address.TryWriteBytes(octets, out _);
        return octets[0] is 10 or 0 || (octets[0] == 172 && octets[1] is >= 16 and < 32) || (octets[0] == 192 && octets[1] == 168) || (octets[0] == 169 && octets[1] == 254)
            || (octets[0] == 100 && octets[1] is >= 64 and < 128);
    }

    private static async Task<DnsListAnswer> AskAsync(IMailDns asking, IPAddress client, string zone, CancellationToken cancellationToken) =>
        DnsList.Read(await asking.AddressesAsync(DnsList.NameOf(client, zone), AddressFamily.InterNetwork, cancellationToken));

    // Forward-confirmed reverse DNS.
    private static async Task<Evidence> NameAsync(IMailDns asking, IPAddress client, CancellationToken cancellationToken)
    {
        var names = await asking.NamesAsync(client, cancellationToken);
        if (names.Status == MailDnsStatus.TempError)
        {
            return Evidence.Of(NoAnswer, ("who", Resolver));
        }

        if (names.Values.IsDefaultOrEmpty)
        {
            return Evidence.Of(NoName, ("client", client.ToString()));
        }

        var (first, unknown) = (names.Values[0], false);
        var followed = await Task.WhenAll(names.Values.Take(MaxNames).Select(async name => (Name: name, Found: await asking.AddressesAsync(name, client.AddressFamily, cancellationToken))));
        foreach (var (name, found) in followed)
        {
            if (found.Status == MailDnsStatus.Found && found.Values.Any(client.Equals))
            {
                return Evidence.Of(Named, ("client", client.ToString()), ("name", name));
            }

            unknown |= found.Status == MailDnsStatus.TempError;
        }

        return unknown ? Evidence.Of(NoAnswer, ("who", Resolver)) : Evidence.Of(NameUnconfirmed, ("client", client.ToString()), ("name", first));
    }
}
