using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Mail.Checks.Header;

/// <summary>What the header section and the structure say against themselves: fields that must stand once, an author who is not the sender, forms that mail programs read differently.</summary>
internal sealed class HeaderCheck : ICheck
{
    public const string CheckName = "header";

    public const string Duplicate = "header.duplicate-field";
    public const string Missing = "header.missing-field";
    public const string FromDiffers = "header.from-differs";
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

    public string Name => CheckName;

    public bool IsSetUp => true;

    public ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        Span<int> counts = stackalloc int[Once.Length];
        var isReport = false;
        var fromDomain = "";
        var reader = new HeaderReader(message.Content.Span);
        while (reader.Read())
        {
            var field = reader.Field;
            for (var i = 0; i < Once.Length; i++)
            {
                if (field.Name.Length == Once[i].Length && System.Text.Ascii.EqualsIgnoreCase(field.Name, Once[i]))
                {
                    counts[i]++;
                    if (i == 0 && fromDomain.Length == 0 && AddressField.TryReadFirst(field.Body, 100, out _, out var from))
                    {
                        fromDomain = from!.Domain;
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
}
