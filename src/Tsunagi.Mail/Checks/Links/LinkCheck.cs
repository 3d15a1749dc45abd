using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Links;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Checks.Links;

/// <summary>
/// Where a message leads: (1) its links are read, within limits; (2) each is looked at by itself: a text that shows another host, user information that reads as a host, an address instead of a name, scripts mixed in a label; (3) each is held
/// beside the domains of the recipients' tenants, for each tenant alone; (4) lists of names are asked, where the operator named any; (5) when all checks have run, a newsletter's counted links are told from deception. Links to what is served here, and to what the operator passes over
/// (<c>mail.filter.linkSkip</c>), count for nothing; nor do those that no program makes clickable.
/// </summary>
/// <param name="contracts">Whose domains are whose; null where nobody has any (a file that is looked at in place).</param>
/// <param name="correspondents">To whom each tenant writes.</param>
/// <param name="lists">Null where none is asked.</param>
internal sealed class LinkCheck(FilterOptions options, GatewayContracts? contracts = null, Correspondents? correspondents = null, LinkLists? lists = null) : ICheck
{
    public const string CheckName = "url";

    public const string ShownOther = "url.shown-other";
    public const string ShownCounted = "url.shown-counted";
    public const string User = "url.userinfo";
    public const string Address = "url.address";
    public const string OddAddress = "url.odd-address";
    public const string MixedScript = "url.mixed-script";
    public const string LikeYours = "url.like-yours";
    public const string Listed = "url.listed";
    public const string NoAnswer = "url.no-answer";
    public const string TooMany = "url.too-many";

    private const int MaxKept = 64;

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(ShownOther, new("The text of a link shows {0}, and the link leads to {1}. Links of this kind: {2}.", "リンクの文字は {0} ですが、実際のリンク先は {1} です。同様のリンク: {2}件。"),
            new("A link shows another address than it leads to. Write where it leads.", "リンクの表示と実際のリンク先が異なります。リンク先をそのまま書いてください。"), 3, PolicyAction.Accept, HoldClass.Spam),
        new(ShownCounted, new("The text of a link shows {0}, and the link leads to {1}, as newsletters do that count clicks: it can be unsubscribed from, and its author is confirmed. Links of this kind: {2}.", "リンクの文字は {0} ですが、実際のリンク先は {1} です。クリックを計測する配信メールの形式で、購読解除でき、差出人も確認できました。同様のリンク: {2}件。"),
            new("A link shows another address than it leads to.", "リンクの表示と実際のリンク先が異なります。"), 0, PolicyAction.Accept, HoldClass.Spam),
        new(User, new("A link reads as if it led to {0}, and leads to {1}: what stands before the @ is no host.", "リンクは {0} へのように見えますが、実際のリンク先は {1} です(@より前はホスト名ではありません)。"),
            new("A link is written so that it seems to lead elsewhere.", "リンク先を偽って見せる書き方のリンクがあります。"), 5, PolicyAction.Accept, HoldClass.Spam),
        new(Address, new("A link leads to the bare address {0} instead of a name.", "リンク先がホスト名ではなくIPアドレス {0} です。"),
            new("A link leads to a bare address instead of a name.", "リンク先がホスト名ではなくIPアドレスです。"), 2, PolicyAction.Accept, HoldClass.Spam),
        new(OddAddress, new("A link leads to the address {0}, written so that nobody can read it (as one number, octal or hexadecimal).", "リンク先のIPアドレス {0} が、読み取れない形(一つの数値、8進数、16進数)で書かれています。"),
            new("A link leads to an address that is written so that nobody can read it.", "リンク先のIPアドレスが読み取れない形で書かれています。"), 5, PolicyAction.Accept, HoldClass.Spam),
        new(MixedScript, new("A link leads to {0} ({1}), whose letters are of scripts that no language mixes, or stand for those of another name: {2}.", "リンク先 {0} ({1}) は、通常は混在しない文字体系の文字を使うか、別の名前に見せかけた文字で書かれています: {2}。"),
            new("A link leads to a name whose letters look like those of another.", "リンク先の名前に、別の文字に見せかけた文字が使われています。"), 5, PolicyAction.Accept, HoldClass.Spam),
        new(LikeYours, new("A link leads to {0}, which can be taken for {1}, which is the recipient's own.", "リンク先 {0} は、受信者側のドメイン {1} と紛らわしい名前です。"),
            new("A link leads to a name that looks like the recipient's.", "リンク先が受信者のドメインと紛らわしい名前です。"), 4, PolicyAction.Accept, HoldClass.Spam),
        new(Listed, new("A link leads to {0}, which stands on the list {1}: {2}.", "リンク先 {0} がリスト {1} に登録されています: {2}。"),
            new("A link leads to a name that stands on a block list. Its owner can have it taken off there.", "リンク先がブロックリストに登録されています。所有者がリスト側で解除できます。"), 10, PolicyAction.Accept, HoldClass.Spam),
        new(NoAnswer, new("The list {0} gave no answer about the links; that is not held against the message.", "リンクについてリスト {0} の応答がありませんでした(メールの不利には扱いません)。"),
            new("A list gave no answer.", "リストの応答がありません。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(TooMany, new("The message has more links, or more text, than is looked at: what was seen are its first {0} different links.", "リンクまたは本文が検査の上限を超えています。検査したのは最初の{0}件(重複を除く)のリンクです。"),
            new("The message has more links than are checked.", "リンクが検査の上限を超えています。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(CheckName + ".unavailable", new("The links could not be checked: {0}.", "リンクを検査できませんでした: {0}。"),
            new("The message could not be checked just now.", "現在メールを検査できません。"), 0, PolicyAction.Accept, HoldClass.Policy) { IsUnavailable = true },
    ];

    private readonly ConcurrentQueue<MessageLinks> _free = new();
    private readonly FrozenSet<string> _skip = options.LinkSkip.Select(static domain => MailDomain.Normalize(domain) ?? domain).ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _protected = options.ProtectedDomains.Select(static domain => MailDomain.Normalize(domain) ?? domain).ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenDictionary<string, string> _protectedByShape = options.ProtectedDomains.Select(static domain => MailDomain.Normalize(domain) ?? domain).DistinctBy(NameLikeness.Shape).ToFrozenDictionary(NameLikeness.Shape, StringComparer.Ordinal);

    public string Name => CheckName;

    public bool IsSetUp => true;

    public ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        // (1)
        var links = _free.TryDequeue(out var kept) ? kept : new MessageLinks(new LinkLimits { Links = options.Links });
        links.Read(message.Content.Span, message.Tree);

        // (2), (3)
        LookAt(message, links.Found, evidence, cancellationToken);
        if (links.IsFull || links.IsCut)
        {
            evidence.Add(Evidence.Of(TooMany, ("links", links.Found.Count.ToString(CultureInfo.InvariantCulture))));
        }

        var asked = lists is not null && message.SubmittedBy.Length == 0 ? links.Found.Where(link => (link.Form & LinkForm.Defanged) == LinkForm.None && !IsPassedOver(link.Host)).ToList() : [];
        if (_free.Count < MaxKept)
        {
            _free.Enqueue(links);
        }

        // (4)
        return asked.Count > 0 ? lists!.AskAsync(asked, evidence, cancellationToken) : default;
    }

    // (5): who proved to be its author and lets people unsubscribe counts clicks; who hides the recipient's own name behind that does not get away with it.
    public void Settle(MessageUnderCheck message, List<Evidence> all)
    {
        if (message.CountsClicks && all.FindIndex(static one => one.Code == ShownOther) is >= 0 and var at && all.Exists(static one => one.Code == AuthenticationCheck.DmarcPass))
        {
            all[at] = all[at] with { Code = ShownCounted };
        }
    }

    private void LookAt(MessageUnderCheck message, IReadOnlyList<FoundLink> found, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        var (author, isNewsletter) = found.Count > 0 ? HeaderOf(message) : ("", false);
        var (seen, shown, shownCount, isCounted) = (LinkForm.None, default(FoundLink), 0, isNewsletter);
        var (isMixedTold, names) = (false, default(List<string>));
        foreach (var link in found)
        {
            if ((link.Form & LinkForm.Defanged) != LinkForm.None || IsPassedOver(link.Host))
            {
                continue;
            }

            if (IsOtherThanShown(link))
            {
                (shown, shownCount) = (shownCount == 0 ? link : shown, shownCount + 1);
                isCounted &= !IsOurs(link.Shown) || OrganizationName.IsOfOne(link.Shown, author);
            }

            // One of a kind is told: ten links to one address are one thing to know.
            var fresh = link.Form & ~seen;
            if ((fresh & LinkForm.UserIsHost) != LinkForm.None && !OrganizationName.IsOfOne(link.User, link.Host))
            {
                seen |= LinkForm.UserIsHost;
                evidence.Add(Evidence.Of(User, ("shown", LinkHost.Shown(link.User)), ("host", link.Host)));
            }

            if (link.IsAddress)
            {
                AddAddress(link, ref seen, evidence);
                continue;
            }

            if ((link.Form & LinkForm.International) != LinkForm.None && !isMixedTold && WhyStrange(link.Host) is { } why)
            {
                isMixedTold = true;
                evidence.Add(Evidence.Of(MixedScript, ("shown", LinkHost.Shown(link.Host)), ("host", link.Host), ("why", why)));
            }

            if (names is null || names[^1] != link.Host)
            {
                (names ??= []).Add(link.Host);
            }
        }

        if (shownCount > 0)
        {
            message.CountsClicks = isCounted;
            evidence.Add(Evidence.Of(ShownOther, ("shown", LinkHost.Shown(shown.Shown)), ("host", LinkHost.Shown(shown.Host)), ("links", shownCount.ToString(CultureInfo.InvariantCulture))));
        }

        if (names is not null && message.SubmittedBy.Length == 0)
        {
            LookAlikes(message, names, isMixedTold, cancellationToken);
        }
    }

    private static void AddAddress(FoundLink link, ref LinkForm seen, ICollection<Evidence> evidence)
    {
        // An address of somebody's own network in an own message is no trick, and leads nobody astray outside.
        var code = (link.Form & LinkForm.OddAddress) != LinkForm.None ? LinkForm.OddAddress : LinkForm.Address;
        if ((seen & code) != LinkForm.None || (code == LinkForm.Address && System.Net.IPAddress.TryParse(link.Host, out var address) && ClientCheck.IsOfOurs(address)))
        {
            return;
        }

        seen |= code;
        evidence.Add(Evidence.Of(code == LinkForm.OddAddress ? OddAddress : Address, ("address", link.Host)));
    }

    private static bool IsOtherThanShown(FoundLink link)
    {
        if (link.Shown.Length == 0 || link.Shown == link.Host)
        {
            return false;
        }

        // Two addresses have no organization that could be the same. A link within the parameters says nothing: anybody can write any there, and who follows a link goes where its host sends him.
        var isAddress = link.IsAddress || char.IsAsciiDigit(link.Shown[^1]) || link.Shown.Contains(':', StringComparison.Ordinal);
        return isAddress || !OrganizationName.IsOfOne(link.Shown, link.Host);
    }

    private string? WhyStrange(string host)
    {
        if (_protected.Count > 0 && IsBelow(host, _protected))
        {
            return null;
        }

        var shown = LinkHost.Shown(host);
        foreach (var label in shown.Split('.'))
        {
            if (LabelScripts.IsMixed(label))
            {
                return label;
            }
        }

        if (_protectedByShape.Count == 0)
        {
            return null;
        }

        // A shape is made letter by letter: that of a name above is the end of this one.
        var byShape = _protectedByShape.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var shape = NameLikeness.Shape(shown.ToLowerInvariant()).AsSpan(); ; shape = shape[(shape.IndexOf('.') + 1)..])
        {
            if (byShape.TryGetValue(shape, out var taken))
            {
                return taken;
            }

            if (!shape.Contains('.'))
            {
                return null;
            }
        }
    }

    private bool IsPassedOver(string host) => (contracts is not null && contracts.Table.IsServed(host)) || (_skip.Count > 0 && IsBelow(host, _skip));

    // A name that only its owner's own mail should show.
    private bool IsOurs(string host) => (contracts is not null && contracts.Table.IsServed(host)) || (_protected.Count > 0 && IsBelow(host, _protected));

    private static bool IsBelow(ReadOnlySpan<char> host, FrozenSet<string> domains)
    {
        var lookup = domains.GetAlternateLookup<ReadOnlySpan<char>>();
        while (!lookup.Contains(host))
        {
            if (host.IndexOf('.') is var dot && dot < 0)
            {
                return false;
            }

            host = host[(dot + 1)..];
        }

        return true;
    }

    // For each tenant by itself: which domains another has is nobody's business. Letters of other scripts that everybody was told of are not told once more.
    private void LookAlikes(MessageUnderCheck message, List<string> names, bool isMixedTold, CancellationToken cancellationToken)
    {
        if (contracts is null)
        {
            return;
        }

        foreach (var path in message.Tenants)
        {
            foreach (var name in names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isInternational = name.Contains("xn--", StringComparison.Ordinal);
                if (!(isInternational && isMixedTold) && contracts.Table.LikeOwn(name, path) is { Length: > 0 } own && correspondents?.Knows(path, OrganizationName.Of(name).ToString()) != true)
                {
                    message.TellTenant(path, isInternational
                        ? Evidence.Of(MixedScript, ("shown", LinkHost.Shown(name)), ("host", name), ("why", own))
                        : Evidence.Of(LikeYours, ("host", name), ("own", own)));
                    break;
                }
            }
        }
    }

    private static (string Author, bool IsNewsletter) HeaderOf(MessageUnderCheck message)
    {
        var (author, isNewsletter) = ("", false);
        var reader = new HeaderReader(message.Content.Span);
        while (reader.Read())
        {
            isNewsletter |= reader.Field.Is("List-Unsubscribe"u8);
            if (author.Length == 0 && reader.Field.Is("From"u8) && AddressField.TryReadFirst(reader.Field.Body, 100, out _, out var from))
            {
                author = from!.Domain.ToLowerInvariant();
            }
        }

        return (author, isNewsletter);
    }
}
