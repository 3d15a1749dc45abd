using System.Globalization;
using System.Text;

namespace Tsunagi.Host.Demo;

/// <summary>
/// Mail for the demo, of our own writing: business mail in English and Japanese, newsletters, invoices with attachments, and the kind of spam that
/// everyone gets. Deterministic from its seed.
/// </summary>
internal sealed class SampleMail(int seed, TimeProvider time)
{
    private static readonly string[] Senders =
    [
        "anna.berg@nordwind-logistics.example", "t.sato@aozora-print.example", "billing@cloudyard.example", "mika@harbor-cafe.example",
        "support@kestrel-tools.example", "newsletter@gardenweek.example", "k.yamada@minato-seikei.example", "offers@best-deals-4u.example",
        "winner@lucky-prize-draw.example", "no-reply@parcel-track.example",
    ];

    // Kinds from here on are what nobody asked for.
    private const int FirstSpam = 86;

    private readonly Random _random = new(seed);
    private int _count;

    /// <summary>The next mail for one of the recipients.</summary>
    public (string From, string To, byte[] Message) Next(IReadOnlyList<string> recipients) => Make(_random.Next(100), recipients);

    /// <summary>One to learn from, and whether it is unwanted.</summary>
    public (byte[] Message, bool IsSpam) Example()
    {
        var kind = _random.Next(100);
        return (Make(kind, ["info@customer.example"]).Message, kind >= FirstSpam);
    }

    private (string From, string To, byte[] Message) Make(int kind, IReadOnlyList<string> recipients)
    {
        var to = recipients[_random.Next(recipients.Count)];
        var (from, subject, body, attachment) = kind switch
        {
            < 30 => (Senders[0], "Delivery slots for week " + _random.Next(1, 53), English(), null),
            < 55 => (Senders[1 + 5 * _random.Next(2)], "お見積書送付の件(No. " + _random.Next(1000, 9999).ToString(CultureInfo.InvariantCulture) + ")", Japanese(), null),
            < 68 => (Senders[2], "Invoice " + _random.Next(10_000, 99_999).ToString(CultureInfo.InvariantCulture), "Dear customer,\n\nyour invoice is attached. It is due in 30 days.\n\nCloudyard billing", Attachment("invoice.pdf", "application/pdf")),
            < 78 => (Senders[5], "This week in the garden: frost, tulips, patience", "Cover the dahlias before Thursday.\nTulip bulbs still go in until the ground is hard.\n\nUnsubscribe: https://gardenweek.example/u", null),
            < FirstSpam => (Senders[4], "Re: [#" + _random.Next(100, 999).ToString(CultureInfo.InvariantCulture) + "] torque driver, order of last month", English(), Attachment("photo.jpg", "image/jpeg")),
            < 94 => (Senders[7], "LAST CHANCE!!! 90% off designer watches", "Act NOW, only 3 hours left!!!\nClick http://best-deals-4u.example/w?id=" + _random.Next().ToString(CultureInfo.InvariantCulture) + "\n100% genuine!!!", null),
            _ => (Senders[8], "You have WON 1,000,000", "Congratulation dear beneficiary,\nsend your bank details to claim the price today.\n", null),
        };
        return (from, to, Write(from, to, subject, body, attachment));
    }

    private byte[] Write(string from, string to, string subject, string body, (string Name, string Type, byte[] Content)? attachment)
    {
        var now = time.GetUtcNow();
        return Write(from, to, subject, body, attachment, now, string.Create(CultureInfo.InvariantCulture, $"{++_count}.{seed:x}.{now.ToUnixTimeMilliseconds():x}@{from[(from.IndexOf('@') + 1)..]}"));
    }

    public static byte[] Write(string from, string to, string subject, string body, (string Name, string Type, byte[] Content)? attachment, DateTimeOffset now, string messageId)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"From: <{from}>\r\nTo: <{to}>\r\nSubject: {Encoded(subject)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {now:ddd, dd MMM yyyy HH:mm:ss} +0000\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Message-ID: <{messageId}>\r\nMIME-Version: 1.0\r\n");
        if (attachment is not { } file)
        {
            text.Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n").Append(Base64(Encoding.UTF8.GetBytes(body)));
        }
        else
        {
            var boundary = "=_" + messageId[..messageId.IndexOf('@', StringComparison.Ordinal)];
            text.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n");
            text.Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n").Append(Base64(Encoding.UTF8.GetBytes(body)));
            text.Append(CultureInfo.InvariantCulture, $"\r\n--{boundary}\r\nContent-Type: {file.Type}; name=\"{file.Name}\"\r\n");
            text.Append(CultureInfo.InvariantCulture, $"Content-Disposition: attachment; filename=\"{file.Name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
            text.Append(Base64(file.Content)).Append(CultureInfo.InvariantCulture, $"\r\n--{boundary}--\r\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private string English() =>
        _random.Next(2) == 0
            ? "Hello,\n\nthe truck can be at your ramp on Tuesday at 10 or on Wednesday at 14. Which suits you?\n\nKind regards\nAnna Berg"
            : "Hello,\n\nthank you for the quick answer. We send the replacement today; keep the old part, we collect it.\n\nBest regards\nKestrel Tools";

    private string Japanese() =>
        _random.Next(2) == 0
            ? "いつもお世話になっております。\nご依頼いただきましたお見積書をお送りいたします。\nご確認のほど、よろしくお願いいたします。\n\n青空印刷 佐藤"
            : "お世話になっております。みなと精計の山田です。\n先日の図面の件、寸法を修正いたしましたのでご査収ください。\n来週火曜の打ち合わせでご説明いたします。";

    private (string, string, byte[])? Attachment(string name, string type)
    {
        var content = new byte[_random.Next(2_000, 60_000)];
        _random.NextBytes(content);
        return (name, type, content);
    }

    private static string Base64(byte[] content) => Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks) + "\r\n";

    /// <summary>RFC 2047: encoded-words of at most 75 characters where the text is not ASCII.</summary>
    private static string Encoded(string subject)
    {
        if (subject.All(char.IsAscii))
        {
            return subject;
        }

        var words = new List<string>();
        for (var at = 0; at < subject.Length;)
        {
            var take = Math.Min(14, subject.Length - at);
            words.Add($"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(subject.Substring(at, take)))}?=");
            at += take;
        }

        return string.Join("\r\n ", words);
    }
}
