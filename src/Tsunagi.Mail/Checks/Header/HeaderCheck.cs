using System.Collections.Frozen;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Checks.Header;

/// <summary>
/// What the header section and the structure say against themselves: fields that must stand once, an author who is not the sender, a name that shows another address than the author's, an author whose domain looks like the recipient's own or like one that it writes to, forms that mail programs read differently.
/// </summary>
/// <param name="contracts">Whose domains are whose; null where nobody has any (a file that is looked at in place).</param>
/// <param name="correspondents">To whom each tenant writes.</param>
internal sealed class HeaderCheck(GatewayContracts? contracts = null, Correspondents? correspondents = null) : ICheck
{
    public const string CheckName = "header";
    private const int MaxShown = 200;

    public const string Duplicate = "header.duplicate-field";
    public const string Missing = "header.missing-field";
    public const string FromDiffers = "header.from-differs";
    public const string ShownAddress = "header.shown-address";
    public const string LikeYours = "header.like-yours";
    public const string LikeCorrespondent = "header.like-correspondent";
    public const string NullSender = "header.null-sender-form";
    public const string Forged = "header.forged-field";
    public const string Ambiguous = "header.ambiguous-structure";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(Duplicate, new("The field {0} stands {1} times, and may stand once.", "{0}フィールドが{1}回現れます(許されるのは1回です)。"),
            new("A header field that may stand once stands several times.", "一度しか書けないヘッダーが複数回書かれています。"), 10, PolicyAction.Accept, HoldClass.Spam),
        new(Missing, new("The field {0} is missing.", "{0}フィールドがありません。"),
            new("A header field that every message must have is missing.", "必須のヘッダーがありません。"), 5, PolicyAction.Accept, HoldClass.Spam),
        new(FromDiffers, new("The author's domain {0} is another than the envelope sender's {1}: so do lists and newsletters, and forgeries.", "差出人のドメイン{0}がエンベロープ送信者のドメイン{1}と異なります(メーリングリストや配信サービスでもよくあります)。"),
            new("The author is another than the sender.", "差出人と送信者が異なります。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(ShownAddress, new("The name before the author's address shows another address: it reads {0}, and the mail is from {1}.", "差出人の表示名に別のアドレス{0}が書かれていますが、実際の差出人は{1}です。"),
            new("The author's name shows another address than the author's.", "差出人の表示名に、差出人とは別のアドレスが書かれています。"), 2, PolicyAction.Accept, HoldClass.Spam),
        new(LikeYours, new("The author's domain {0} can be taken for {1}, which is the recipient's own; nobody there ever wrote to it.", "差出人のドメイン{0}は、受信者側のドメイン{1}と紛らわしい名前です。これまでに送信したことのない相手です。"),
            new("The author's domain looks like the recipient's.", "差出人のドメインが受信者のドメインと紛らわしい名前です。"), 4, PolicyAction.Accept, HoldClass.Spam),
        new(LikeCorrespondent, new("The author's domain {0} can be taken for {1}, which the recipient's organization often writes to; it never wrote to {0}.", "差出人のドメイン{0}は、受信者側がよく送信している相手{1}と紛らわしい名前です。{0}へ送信したことはありません。"),
            new("The author's domain looks like another that the recipient writes to.", "差出人のドメインが、受信者の取引先のドメインと紛らわしい名前です。"), 3, PolicyAction.Accept, HoldClass.Spam),
        new(NullSender, new("It has no envelope sender, as reports have, and is no report.", "エンベロープ送信者が空ですが、配送通知の形式ではありません。"),
            new("A message without a sender that is no report.", "送信者が空で、配送通知でもありません。"), 5, PolicyAction.Accept, HoldClass.Spam),
        new(Forged, new("{0} fields that only this gateway writes were in it when it came; they were taken out.", "当ゲートウェイだけが付けるフィールドが{0}個付いて届いたため、取り除きました。"),
            new("It claims to have been checked here before.", "検査済みを装うヘッダーが付いています。"), 10, PolicyAction.Accept, HoldClass.Spam),
        new(Ambiguous, new("Mail programs read its structure differently: {0}.", "構造の解釈がメールソフトによって異なります: {0}。"),
            new("The structure of the message is ambiguous. Send it again with another mail program.", "メールの構造があいまいです。別のメールソフトで送り直してください。"), 5, PolicyAction.Tag, HoldClass.Policy),
        new(CheckName + ".unavailable", new("The header could not be checked: {0}.", "ヘッダーを検査できませんでした: {0}。"),
            new("The message could not be checked just now.", "現在メールを検査できません。"), 0, PolicyAction.Tag, HoldClass.Policy) { IsUnavailable = true },
    ];

    // RFC 5322 section 3.6: at most once each. Those of MIME are told by the structure.
    private static readonly string[] Once = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Message-ID", "In-Reply-To", "References", "Subject"];

    // Anybody has mail there, and their names are a letter apart: no deception.
    private static readonly FrozenSet<string> Mailboxes = new[] { "mail.com", "email.com", "gmail.com", "ymail.com", "hotmail.com", "fastmail.com", "gmx.com", "gmx.net", "mail.ru", "email.cz" }.ToFrozenSet(StringComparer.Ordinal);

    public string Name => CheckName;

    public bool IsSetUp => true;

    public ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        Span<int> counts = stackalloc int[Once.Length];
        var isReport = false;
        var (fromDomain, shown) = ("", "");
        var reader = new HeaderReader(message.Content.Span);
        while (reader.Read())
        {
            var field = reader.Field;
            for (var i = 0; i < Once.Length; i++)
            {
                if (field.Name.Length == Once[i].Length && System.Text.Ascii.EqualsIgnoreCase(field.Name, Once[i]))
                {
                    counts[i]++;
                    if (i == 0 && fromDomain.Length == 0 && AddressField.TryReadFirst(field.Body, MaxShown, out var name, out var from))
                    {
                        (fromDomain, shown) = (from!.Domain, AddressIn(name));
                    }

                    break;
                }
            }

            isReport |= field.Is("Auto-Submitted"u8) || (field.Is("Content-Type"u8) && field.Unfold().StartsWith("multipart/report", StringComparison.OrdinalIgnoreCase));
        }

        for (var i = 0; i < Once.Length; i++)
        {
            if (counts[i] > 1)
            {
                evidence.Add(Evidence.Of(Duplicate, ("field", Once[i]), ("count", counts[i].ToString(System.Globalization.CultureInfo.InvariantCulture))));
            }
            else if (counts[i] == 0 && (Once[i] is "From" || (Once[i] is "Date" && message.SubmittedBy.Length == 0)))
            {
                // What was handed in without a Date is given one.
                evidence.Add(Evidence.Of(Missing, ("field", Once[i])));
            }
        }

        if (shown.Length > 0 && !IsOfOne(shown[(shown.LastIndexOf('@') + 1)..], fromDomain))
        {
            evidence.Add(Evidence.Of(ShownAddress, ("shown", shown), ("domain", fromDomain)));
        }

        LookAlikes(message, fromDomain);
        if (message.ReversePath.Mailbox is { } sender)
        {
            if (fromDomain.Length > 0 && !fromDomain.Equals(sender.Domain, StringComparison.OrdinalIgnoreCase))
            {
                evidence.Add(Evidence.Of(FromDiffers, ("from", fromDomain), ("envelope", sender.Domain)));
            }
        }
        else if (!isReport)
        {
            evidence.Add(Evidence.Of(NullSender));
        }

        if (message.ForgedFields > 0)
        {
            evidence.Add(Evidence.Of(Forged, ("count", message.ForgedFields.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        }

        if (message.Tree.Flaws is var flaws and not MimeFlaw.None)
        {
            evidence.Add(Evidence.Of(Ambiguous, ("flaws", string.Join(", ", Enum.GetValues<MimeFlaw>().Where(flaw => flaw != MimeFlaw.None && flaws.HasFlag(flaw))))));
        }

        return default;
    }

    /// <summary>An address that stands in a name as people read it: the first word with an "@" that a mailbox can be read of; else empty.</summary>
    internal static string AddressIn(string name)
    {
        foreach (var word in name.Split([' ', '\t', '"', '\'', '<', '>', '(', ')', '[', ']', ',', ';', ':', '|'], StringSplitOptions.RemoveEmptyEntries))
        {
            // Full-width forms read the same, and no address has them.
            var text = string.Concat(word.Select(static c => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c)).TrimEnd('.');
            if (text.Contains('@', StringComparison.Ordinal) && Mailbox.TryParse(text, out var mailbox) && mailbox!.Domain.Contains('.', StringComparison.Ordinal))
            {
                return mailbox.ToString();
            }
        }

        return "";
    }

    // One is the other, or below it: a name within an organization is no deception.
    private static bool IsOfOne(string one, string other) =>
        one.Equals(other, StringComparison.OrdinalIgnoreCase) || one.EndsWith("." + other, StringComparison.OrdinalIgnoreCase) || other.EndsWith("." + one, StringComparison.OrdinalIgnoreCase);

    // For each tenant by itself: which domains another has, and to whom it writes, is nobody's business.
    private void LookAlikes(MessageUnderCheck message, string fromDomain)
    {
        if (contracts is null || message.SubmittedBy.Length > 0 || MailDomain.Normalize(fromDomain) is not { } author || contracts.Table.IsServed(author))
        {
            return;
        }

        foreach (var path in message.Tenants)
        {
            var own = contracts.Table.LikeOwn(author, path);
            if (own.Length > 0 && correspondents?.Knows(path, author) != true)
            {
                message.TellTenant(path, Evidence.Of(LikeYours, ("domain", author), ("own", own)));
            }
            else if (own.Length == 0 && !Mailboxes.Contains(author) && correspondents?.LikeOne(path, author) is { Length: > 0 } known)
            {
                message.TellTenant(path, Evidence.Of(LikeCorrespondent, ("domain", author), ("known", known)));
            }
        }
    }
}
