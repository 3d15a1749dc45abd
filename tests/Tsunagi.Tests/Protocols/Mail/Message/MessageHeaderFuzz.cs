using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Message;

/// <summary>A header section: nothing throws, nothing shown holds a control character, and the body begins where the definition says.</summary>
public sealed class MessageHeaderFuzz : FuzzTarget
{
    public override string Name => "message.header";

    public override IReadOnlyList<Type> Parsers => [typeof(HeaderReader), typeof(HeaderField), typeof(MessageHeader), typeof(EncodedWord), typeof(MailCharset), typeof(MailDate), typeof(AddressField), typeof(DisplayText)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\r\n", "\r\n\r\n", "\n", "\r\n ", "\t", ":", "=?UTF-8?Q?", "=?ISO-2022-JP?B?", "?=", "\e$B", "\e(B", "=E3", "<", ">", "\"", "(", ")", "\\", ",", ";", "@",
        "Subject:", "From:", "Date:", "Message-ID:", "Received:", "Auto-Submitted:", "+0900", "60", "\0", "\u0093\u00fa", "\u00e2\u0080\u00ae");

    public override byte[] Generate(Random random)
    {
        var text = new System.Text.StringBuilder();
        for (int i = random.Next(1, 8); i > 0; i--)
        {
            text.Append(Pick(random,
                "Subject: =?UTF-8?B?5pel5pys?= =?UTF-8?Q?=E8=AA=9E_x?=\r\n", "Subject: =?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=\r\n =?Shift_JIS?B?k/qWe4zq?= b\r\n", "Subject: =?EUC-JP*ja?q?=C6=FC?= =?x?Q?a?= =?utf-7?Q?a?= =?latin1?Q?=E9?=\r\n",
                "Subject: \u0093\u00fa\u0096\u007b\r\n", "Subject: \e$BF|K\\8l\e(B\r\n", "Subject: caf\u00e9\r\n", "From: Joe <joe@example.com>\r\n", "From: \"Bloggs, \\\"J\" (x (y)) <joe@example.com>, b@c\r\n", "From: joe@example.com (Joe \\) B)\r\n",
                "From: Staff: a@b.example, c@d.example;\r\n", "From: <\"a>b\"@c.example>\r\n", "From: ,joe@example.com\r\n", "From: joe@[192.0.2.1], J <b@c.example> (x)\r\n", "From: joe@[192.0.2.1\r\n", "From: Joe\\ <a@b.example>\r\n", "From: a@b.example (unclosed\r\n", "From: \"unclosed a@b.example\r\n",
                "From: <a@b.example> x\r\n", "From: <a@b.example> \"x\"\r\n", "From: a@b.example, c@d.example, e@f.example\r\n", $"Date: Mon, {random.Next(32)} Nov {Pick(random, "2026", "26", "126", "99", "1")} 00:0{random.Next(10)}{Pick(random, ":60", "", ":1:1")} {Pick(random, "+0900", "-1400", "EST", "EDT", "CST", "MST", "PST", "JST", "GMT", "", "+9")} (x)\r\n",
                "Message-ID: <a@b.example>\r\n", "Message-ID: bare\r\n", "Received: from a by b; 1 Jan 2026 00:00 +0000\r\n", "Auto-Submitted: no\r\n", "Auto-Submitted: auto-replied\r\n", "X-Long: " + new string('x', 60) + "\r\n", "no colon\r\n", "Bad name: x\r\n", "Old :y\r\n", "L: f\n"));
        }

        return Octets.Of(text.Append("\r\nbody\r\n").ToString());
    }

    public override void Run(byte[] input)
    {
        var limits = new HeaderLimits { Fields = 7, FieldOctets = 120, SectionOctets = 400, TextCharacters = 40 };
        MessageHeader header = MessageHeader.Read(input, limits);
        foreach (string shown in (string[])[header.Subject, header.FromName, header.MessageId])
        {
            Promise(shown.Length <= 40 && !shown.Any(char.IsControl) && !shown.Any(c => c is >= '\u202a' and <= '\u202e'), "what is shown is clean and short");
        }

        CheckAuthors(input);
        Promise(header.Fields <= 7 && header.BodyOffset <= input.Length && header.ReceivedCount <= header.Fields, "the limits hold");
        Promise(header.Date is null || header.Date.Value.Year is >= 1899 and <= 9999, "a date is a date");
        Promise(header.Malformed >= 0 && header.FromCount <= header.Fields && (header.From is null || header.FromCount > 0), "an author stands in a From field");
        Promise(header.HasEightBit == input.AsSpan(0, header.BodyOffset).ContainsAnyInRange((byte)0x80, (byte)0xff), "octets above 127 are told");
        Promise(EncodedWord.Decode(Octets.Of(string.Join(' ', EncodedWord.Encode(header.Subject)))) == header.Subject || header.Subject.Contains('\uFFFD'), "a subject survives encoding");
        Promise(header.Date is not { } date || MailDate.TryParse(Octets.Of(MailDate.Format(date)), out DateTimeOffset again) && again == date || date.Year < 1900, "a date survives writing");
        if (header.End == HeaderEnd.EmptyLine)
        {
            Promise(input[header.BodyOffset - 1] == '\n' && (header.BodyOffset < 3 || input[header.BodyOffset - 2] is (byte)'\n' or (byte)'\r'), "the body stands behind an empty line");
        }
        // The same with every line ended by LF alone: the facts do not depend on it.
        if (!Octets.Show(input).Replace("\r\n", "").Contains('\r') && header.End == HeaderEnd.EmptyLine)
        {
            Promise(MessageHeader.Read(Octets.Of(Octets.Show(input).Replace("\r\n", "\n")), limits) is var bare && (bare.Subject == header.Subject || bare.Malformed != header.Malformed || bare.End != header.End || bare.Fields != header.Fields), "line ends do not matter");
        }
    }

    // Whoever reads all of a list reads the same first one, and no more addresses than there are signs of them.
    private static void CheckAuthors(byte[] input)
    {
        var reader = new HeaderReader(input);
        while (reader.Read())
        {
            if (AddressField.TryReadAll(reader.Field.Body, out var all))
            {
                Promise(AddressField.TryReadFirst(reader.Field.Body, 40, out _, out var first) && first == all[0], "the first of all is the first");
                Promise(all.Count <= reader.Field.Body.Count((byte)'@'), "each address has its sign");
            }
        }
    }
}
